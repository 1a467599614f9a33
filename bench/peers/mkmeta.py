"""Writes synthetic Delta logs without data files, for the steps META_json, META_ckpt and META_300k.

usage: mkmeta.py DIR

DIR/json: 10,000 JSON commits of one file each, no checkpoint. DIR/ckpt: 10,000 commits of ten files each, with a checkpoint at version 9,990.
DIR/300k: three commits of 100,000 files each.
"""

import json
import os
import shutil
import sys
import uuid
from deltalake import DeltaTable

schema = json.dumps(
    {
        "type": "struct",
        "fields": [
            {"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in (("id", "long"), ("v", "string"), ("ts", "timestamp"), ("x", "double"))
        ],
    }
)
for name, commits, adds in (("json", 10_000, 1), ("ckpt", 10_000, 10), ("300k", 3, 100_000)):
    p = f"{sys.argv[1]}/{name}"
    shutil.rmtree(p, ignore_errors=True)
    os.makedirs(p + "/_delta_log")
    for v in range(commits):
        L = [{"commitInfo": {"timestamp": 1740000000000 + v, "operation": "WRITE", "operationParameters": {"mode": "Append"}}}]
        if v == 0:
            L += [
                {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
                {
                    "metaData": {
                        "id": str(uuid.UUID(int=7)),
                        "format": {"provider": "parquet", "options": {}},
                        "schemaString": schema,
                        "partitionColumns": [],
                        "configuration": {},
                        "createdTime": 1740000000000,
                    }
                },
            ]
        for k in range(adds):
            st = json.dumps(
                {
                    "numRecords": 100,
                    "minValues": {"id": v * 100, "v": f"v{v}", "x": 0.5},
                    "maxValues": {"id": v * 100 + 99, "v": f"v{v}z", "x": 9.5},
                    "nullCount": {"id": 0, "v": 0, "ts": 3, "x": 0},
                }
            )
            L.append(
                {
                    "add": {
                        "path": f"part-{v:05d}-{uuid.UUID(int=v * max(adds, 100) + k)}-c000.snappy.parquet",
                        "partitionValues": {},
                        "size": 12345,
                        "modificationTime": 1740000000000 + v,
                        "dataChange": True,
                        "stats": st,
                    }
                }
            )
        with open(f"{p}/_delta_log/{v:020d}.json", "w") as f:
            f.write("\n".join(json.dumps(x, separators=(",", ":")) for x in L) + "\n")
    if name == "ckpt":
        DeltaTable(p, version=9990).create_checkpoint()
    print(name, [x for x in os.listdir(p + "/_delta_log") if "checkpoint" in x], len(DeltaTable(p).file_uris()))
