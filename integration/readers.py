"""Reads and appends to Delta tables with delta-rs, DuckDB and Polars, for the integration suite: a JSON request a line in, a JSON answer a line out.

{"op": "read", "engine": "deltalake" | "datafusion" | "duckdb" | "polars", "path"}   -> {"rows", "columns"}
{"op": "query", "path", "query"}                                        -> {"rows", "columns"}, a query of DuckDB's over the table, called t
{"op": "schema", "path"}                                                -> {"columns": {name: [type, nullable]}}
{"op": "statistics", "path"}                                            -> {"checked", "violations"}
{"op": "append", "path", "rows": [{...}]}                               -> {"version"}
"""

import os
from urllib.parse import unquote

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, QueryBuilder, write_deltalake

import canonical


def read_deltalake(path):
    """The table by delta-rs."""
    return DeltaTable(path).to_pyarrow_table()


def read_datafusion(path):
    """The table by delta-rs's own engine, which knows deletion vectors."""
    return pa.table(QueryBuilder().register("t", DeltaTable(path)).execute("SELECT * FROM t").read_all())


def read_duckdb(path, query="SELECT * FROM t"):
    """A query over the table by DuckDB's Parquet reader, over the files that are live: its delta extension is on no package registry."""
    table = DeltaTable(path)
    arrow = pa.schema(table.schema().to_arrow())
    partitions = table.metadata().partition_columns
    files = ",".join("'" + f.removeprefix("file://").replace("'", "''") + "'" for f in table.file_uris())
    types = ", ".join(f"{p}: {canonical.type_name(arrow.field(p).type)}" for p in partitions)
    hive = f"hive_partitioning=true, hive_types={{{types}}}" if partitions else "hive_partitioning=false"
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    con.sql(f"SELECT * FROM read_parquet([{files}], {hive}, union_by_name=true)").create_view("t")
    return con.sql(query).to_arrow_table()


def read_polars(path):
    """The table by Polars."""
    return pl.scan_delta(path).collect().to_arrow()


READERS = {"deltalake": read_deltalake, "datafusion": read_datafusion, "duckdb": read_duckdb, "polars": read_polars}


def read(request):
    """All rows of a table, and its columns."""
    return answer(READERS[request["engine"]](request["path"]))


def query(request):
    """The rows of a query of DuckDB's."""
    return answer(read_duckdb(request["path"], request["query"]))


def answer(table):
    """An Arrow table as an answer."""
    return {"rows": canonical.rows(table), "columns": canonical.columns(table.schema)}


def schema(request):
    """The columns as delta-rs finds them in the log."""
    arrow = pa.schema(DeltaTable(request["path"]).schema().to_arrow())
    return {"columns": {f.name: [canonical.type_name(f.type), f.nullable] for f in arrow}}


def append(request):
    """Appends rows by delta-rs."""
    table = DeltaTable(request["path"])
    rows = pa.Table.from_pylist(request["rows"], schema=pa.schema(table.schema().to_arrow()))
    write_deltalake(table, rows, mode="append")
    return {"version": DeltaTable(request["path"]).version()}


def statistics(request):
    """Holds every file's statistics, as delta-rs reads them, against the file's own rows."""
    table = DeltaTable(request["path"])
    checked, violations = 0, []
    for add in pa.table(table.get_add_actions(flatten=True)).to_pylist():
        name = unquote(add["path"])
        rows = pq.read_table(os.path.join(request["path"], name), partitioning=None, coerce_int96_timestamp_unit="us")
        checked += 1
        if add["num_records"] != rows.num_rows:
            violations.append(f"{name}: numRecords is {add['num_records']}, the file holds {rows.num_rows}")
        for field in leaves(rows.schema):
            n, faults = check_column(add, field, column(rows, field))
            checked += n
            violations += [f"{name}: {field}: {f}" for f in faults]
    return {"checked": checked, "violations": violations}


def leaves(fields, prefix=""):
    """The paths of all columns that are neither lists nor maps, inside structs too."""
    for f in fields:
        if pa.types.is_struct(f.type):
            yield from leaves(f.type, prefix + f.name + ".")
        elif not pa.types.is_nested(f.type):
            yield prefix + f.name


def column(rows, path):
    """A column by its path."""
    head, *rest = path.split(".")
    values = rows[head].combine_chunks()
    for name in rest:
        values = pc.struct_field(values, name)
    return values


def check_column(add, path, values):
    """How many statistics of a column were there, and which of them do not hold."""
    checked, faults = 0, []
    nulls = add.get("null_count." + path)
    if nulls is not None:
        checked += 1
        if nulls != values.null_count:
            faults.append(f"nullCount is {nulls}, the file holds {values.null_count}")
    for bound, kernel, holds in (("min", pc.min, lambda stat, v: stat <= v), ("max", pc.max, lambda stat, v: stat >= v)):
        stat = add.get(f"{bound}.{path}")
        if stat is None:
            continue
        checked += 1
        # Spark's timestamps come from its files without their zone, which is UTC.
        stat, actual = naive(stat), naive(kernel(values).as_py())
        if actual is not None and not holds(stat, actual):
            faults.append(f"{bound} is {stat!r}, the file's is {actual!r}")
    return checked, faults


def naive(v):
    """A time of day and date without its zone; anything else as it is."""
    return v.replace(tzinfo=None) if getattr(v, "tzinfo", None) else v


HANDLERS = {"read": read, "query": query, "schema": schema, "append": append, "statistics": statistics}

if __name__ == "__main__":
    canonical.serve(lambda request: HANDLERS[request["op"]](request), canonical.answers())
