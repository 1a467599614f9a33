"""Makes the tables, the query texts and DuckDB's rows of TPC-H and TPC-DS. Needs the packages of integration/requirements-tpc.txt.

  tpc.py --suite tpch|tpcds --sf 0.1 --out DIR [--answers]

DIR/data/TABLE.parquet   the tables: of TPC-H by tpchgen-cli, of TPC-DS by DuckDB's dsdgen
DIR/queries.json         [{"number", "text"}], with names in double quotes turned into names in backticks
DIR/answers.jsonl        with --answers, for each query {"number", "columns": [{"name", "type"}], "rows": [[text or null]]}: the rows of the query without its
                         last LIMIT, NULLs first ascending and last descending
"""

import argparse
import json
import os
import re
import subprocess
import sys

import duckdb

LIMIT = re.compile(r"\blimit\s+\d+\s*;?\s*$", re.IGNORECASE)


def connect(suite):
    """DuckDB with the suite's extension, which is looked up in the Python packages alone."""
    module = __import__("duckdb_extension_" + suite)
    folder = os.path.join(os.path.dirname(module.__file__), "extensions", "v" + duckdb.__version__)
    con = duckdb.connect()
    con.execute(f"LOAD '{folder}/{suite}.duckdb_extension'")
    con.execute("SET default_null_order = 'nulls_first_on_asc_last_on_desc'")
    return con


def generate(con, suite, sf, data):
    """Writes the tables, unless they are there."""
    os.makedirs(data, exist_ok=True)
    if os.listdir(data):
        return
    if suite == "tpch":
        tool = os.path.join(os.path.dirname(sys.executable), "tpchgen-cli")
        subprocess.run([tool, "parquet", "-s", str(sf), "--output-dir", data], check=True)
        return
    con.execute(f"CALL dsdgen(sf={sf})")
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        con.execute(f"COPY {name} TO '{data}/{name}.parquet' (FORMAT parquet)")
        con.execute(f"DROP TABLE {name}")


def queries(con, suite):
    """The texts as Databricks SQL has them: what stands in double quotes there is a string."""
    rows = con.execute(f"SELECT query_nr, query FROM {suite}_queries() ORDER BY 1").fetchall()
    return [{"number": number, "text": text.replace('"', "`")} for number, text in rows]


def view(con, data):
    """Has the tables' names mean the files."""
    for file in sorted(os.listdir(data)):
        con.execute(f"CREATE VIEW {file.removesuffix('.parquet')} AS FROM read_parquet('{data}/{file}')")


def text(v):
    """A value as text: a decimal with all digits of its scale, a double with all that it needs."""
    if v is None or isinstance(v, str):
        return v
    return format(v, "f") if type(v).__name__ == "Decimal" else str(v)


def answer(con, query):
    """What DuckDB gives for a query."""
    found = con.execute(LIMIT.sub("", query["text"].replace("`", '"')))
    columns = [{"name": d[0], "type": str(d[1])} for d in found.description]
    return {"number": query["number"], "columns": columns, "rows": [[text(v) for v in row] for row in found.fetchall()]}


def main():
    """Writes what the command line asks for."""
    p = argparse.ArgumentParser()
    p.add_argument("--suite", choices=["tpch", "tpcds"], required=True)
    p.add_argument("--sf", type=float, required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--answers", action="store_true")
    o = p.parse_args()
    con, data = connect(o.suite), os.path.join(o.out, "data")
    generate(con, o.suite, o.sf, data)
    texts = queries(con, o.suite)
    with open(os.path.join(o.out, "queries.json"), "w") as f:
        json.dump(texts, f)
    if o.answers:
        view(con, data)
        with open(os.path.join(o.out, "answers.jsonl"), "w") as f:
            for q in texts:
                f.write(json.dumps(answer(con, q)) + "\n")


if __name__ == "__main__":
    main()
