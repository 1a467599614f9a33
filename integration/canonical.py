"""Rows and types in a form that is the same whoever read them.

A row is a JSON object with its keys sorted: date "YYYY-MM-DD", timestamp "YYYY-MM-DDTHH:MM:SS.ffffffZ", without a zone the same without Z, decimal as text, binary
as hexadecimal digits, a map as a list of [key, value] sorted by key. A type is Spark's simpleString.
"""

import json
import math

import pyarrow as pa

NAMES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.string_view(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.binary_view(): "binary",
    pa.null(): "void",
}


def type_name(t):
    """An Arrow type as Spark writes it."""
    if pa.types.is_dictionary(t):
        return type_name(t.value_type)
    if pa.types.is_timestamp(t):
        return "timestamp" if t.tz else "timestamp_ntz"
    if pa.types.is_decimal(t):
        return f"decimal({t.precision},{t.scale})"
    if pa.types.is_map(t):
        return f"map<{type_name(t.key_type)},{type_name(t.item_type)}>"
    if pa.types.is_struct(t):
        return "struct<" + ",".join(f"{f.name}:{type_name(f.type)}" for f in t) + ">"
    if pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_list_view(t) or pa.types.is_large_list_view(t):
        return f"array<{type_name(t.value_type)}>"
    return NAMES[t]


def value(v, t):
    """A Python value of an Arrow type as JSON has it."""
    if v is None:
        return None
    if pa.types.is_dictionary(t):
        return value(v, t.value_type)
    if pa.types.is_map(t):
        return sorted([value(k, t.key_type), value(x, t.item_type)] for k, x in v)
    if pa.types.is_struct(t):
        return {f.name: value(v[f.name], f.type) for f in t}
    if isinstance(v, list):
        return [value(x, t.value_type) for x in v]
    if pa.types.is_timestamp(t):
        return v.strftime("%Y-%m-%dT%H:%M:%S.%f") + ("Z" if t.tz else "")
    if pa.types.is_date(t):
        return v.isoformat()
    if pa.types.is_decimal(t):
        return format(v, "f")
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, float):
        return real(v)
    return v


def real(v):
    """A float, or what JSON has no number for."""
    if math.isnan(v):
        return "NaN"
    if math.isinf(v):
        return "Infinity" if v > 0 else "-Infinity"
    return "-0.0" if v == 0 and math.copysign(1, v) < 0 else v


def rows(table):
    """The rows of an Arrow table, in the table's order."""
    return [json.dumps({f.name: value(row[f.name], f.type) for f in table.schema}, sort_keys=True, ensure_ascii=False) for row in table.to_pylist()]


def columns(schema):
    """The columns of an Arrow schema, by name."""
    return {f.name: type_name(f.type) for f in schema}


def answers():
    """Takes standard output for answers alone: what this process and those that it starts print from now on goes to standard error."""
    import os

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out


def serve(handle, out):
    """Answers a JSON object a line, from standard input to out, until the input ends."""
    import sys
    import traceback

    for line in sys.stdin:
        try:
            answer = handle(json.loads(line))
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}", "trace": traceback.format_exc()}
        print(json.dumps(answer), file=out, flush=True)
