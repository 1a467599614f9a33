#!/usr/bin/env python3
"""Deterministic data generator for the medallion peer benchmark.

usage: gen.py --sf 0.2 --out data/sf0.2 [--jobs 2]

Writes
  events/part-NNNNN.ndjson   click/order events (SF=1: 32 files, ~1 GB, ~1.75M lines)
  customers/customers-N.csv  4 files, 1M*SF rows, header
  cdc/cdc-NNN.parquet + cdc_csv/cdc-NNN.csv  DMS-style changes, 300k*SF rows, 8 files each
  products/products.parquet  20,000 rows
  manifest.json              exact counts and sizes
Column names/types are in SPEC.md.
"""

import argparse
import json
import os
import time
from multiprocessing import Pool

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when Polars is imported

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20250301
ROWS_PER_FILE = 62_000
DAYS = 30
T0 = np.datetime64("2025-03-01T00:00:00.000", "ms").astype("int64")
NPROD = 20_000
COUNTRIES = ["DE", "FR", "ES", "IT", "PL", "NL", "SE", "US", "GB", "JP", "BR", "CZ"]
CITIES = [
    ["Berlin", "München", "Köln"],
    ["Paris", "Orléans", "Nîmes"],
    ["Madrid", "Málaga", "A Coruña"],
    ["Roma", "Milano", "Forlì"],
    ["Warszawa", "Łódź", "Kraków"],
    ["Amsterdam", "Utrecht", "'s-Hertogenbosch"],
    ["Stockholm", "Malmö", "Göteborg"],
    ["New York", "San José", "Austin"],
    ["London", "Leeds", "Derry"],
    ["東京", "大阪市", "札幌"],
    ["São Paulo", "Brasília", "Belém"],
    ["Praha", "Brno", "Plzeň"],
]
CUR = ["EUR", "USD", "GBP", "PLN", "SEK", "JPY", "BRL", "CZK"]
ETYPES = ["page_view", "add_to_cart", "search", "purchase", "refund", " Purchase", "PAGE_VIEW", "Search "]
EP = [0.44, 0.20, 0.10, 0.21, 0.03, 0.01, 0.005, 0.005]
OS = ["iOS", "Android", "Windows", "macOS", "Linux"]
BR = ["Safari", "Chrome", "Firefox", "Edge", "Samsung Internet"]
QUERIES = [
    "schuhe größe 42",
    "café crème",
    "日本語の本",
    "running shoes",
    'naïve "bayes" book',
    "emoji 🎉 party",
    "żółta kurtka",
    "back\\slash & tab\there",
    "usb-c cable 2m",
    "ноутбук 16 дюймов",
    "vélo électrique",
    "a/b test",
]
TAGS = ["new", "promo", "mobile", "vip", "returning", "a/b:v1", "a/b:v2", "größe-L", "newsletter", "affiliate"]
COUPONS = ["SPRING10", "WELCOME", "VIP20", "ÉTÉ15"]
FIRST = ["Anna", "José", "Zoë", "Łukasz", "Märta", "Yuki", "李", "Chloé", "Søren", "Ömer", "Ivan", "Olga", "Mary", "John", "Renée", "Nuño"]
LAST = [
    "Müller",
    "García",
    "Kowalski",
    "Nowák",
    "Smith",
    "O'Brien",
    "佐藤",
    "Silva",
    "Björk",
    "Ñíguez",
    "Dvořák",
    "Lefèvre",
    "Jones",
    "van der Berg",
    "Rossi",
    "Öztürk",
]
SEGMENTS = ["consumer", "business", "enterprise", "public"]
CATS = [
    "books",
    "shoes",
    "toys",
    "garden",
    "audio",
    "video",
    "phones",
    "laptops",
    "kitchen",
    "sports",
    "beauty",
    "food",
    "tools",
    "office",
    "pets",
    "travel",
    "music",
    "games",
    "health",
    "baby",
    "cars",
    "jewelry",
    "art",
    "Möbel",
]


def mix(x, salt):
    """64 pseudo-random bits per number: the same number and salt give the same bits."""
    x = (x.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hexids(n):
    """32 hexadecimal digits per event number."""
    b = np.empty((len(n), 2), dtype=np.uint64)
    b[:, 0] = mix(n, 11)
    b[:, 1] = mix(n, 77)
    h = np.frombuffer(b.tobytes().hex().encode(), dtype="S32")
    return pl.from_arrow(pa.array(h.astype(object), type=pa.binary()).cast(pa.string()))


def take(values, idx):
    """The values at the given indices, as a series of strings."""
    return pl.from_arrow(pa.DictionaryArray.from_arrays(pa.array(idx.astype(np.int32)), pa.array(values)).cast(pa.string()))


def nullify(s, mask):
    """The series with nulls where the mask is set."""
    return pl.select(pl.when(pl.lit(pl.Series(~mask))).then(pl.lit(s)).otherwise(None)).to_series()


def gen_events(a):
    """Writes one file of events. Returns its lines, bytes, malformed values and corrupt lines."""
    f, nfiles, ncust, out = a
    rng = np.random.default_rng([SEED, f])
    n = ROWS_PER_FILE
    base = f * n
    num = np.arange(base, base + n, dtype=np.uint64)
    span = DAYS * 86400_000
    lo, hi = span * f // nfiles, span * (f + 1) // nfiles
    ts = np.sort(rng.integers(lo, hi, n))
    late = rng.random(n) < 0.02
    ts = np.where(late, np.maximum(ts - rng.integers(0, 3 * 86400_000, n), 0), ts) + T0
    seq = (num * np.uint64(4)).astype(np.int64) + 1
    ci = rng.choice(12, n, p=[0.2, 0.12, 0.1, 0.1, 0.09, 0.08, 0.07, 0.1, 0.06, 0.03, 0.03, 0.02])
    user = (ncust * rng.random(n) ** 2).astype(np.int64) + 1
    user = np.where(rng.random(n) < 0.01, user + ncust * 2, user)
    et = rng.choice(len(ETYPES), n, p=EP)
    prod = (NPROD * rng.random(n) ** 1.7).astype(np.int64) + 1
    prod = np.where(rng.random(n) < 0.002, prod + 1_000_000, prod)
    qty = np.minimum(1 + rng.geometric(0.55, n) - 1, 20) + 0
    cents = (np.exp(rng.normal(3.2, 1.0, n)) * 100).astype(np.int64) + 1
    status_i = np.where(np.isin(et, [3, 5]), rng.choice(3, n, p=[0.15, 0.8, 0.05]), 3)
    # late updates: 0.5% extra rows: same event id, larger seq, new status/quantity
    nu = n // 200
    ui = rng.choice(n, nu, replace=False)
    # exact re-deliveries: 0.5%
    nd = n // 200
    di = rng.choice(n, nd, replace=False)
    idx = np.concatenate([np.arange(n), ui, di])
    pos = np.concatenate([np.arange(n) + 0.0, ui + rng.integers(1, 5000, nu) + 0.5, di + rng.integers(1, 5000, nd) + 0.7])
    isu = np.zeros(n + nu + nd, bool)
    isu[n : n + nu] = True
    order = np.argsort(pos, kind="stable")
    idx, isu = idx[order], isu[order]
    N = len(idx)
    seq = seq[idx] + isu.astype(np.int64)
    status_i = np.where(isu, 1, status_i[idx])
    qty = np.where(isu, qty[idx] + 1, qty[idx])
    num, ts, ci, user, et, prod, cents = num[idx], ts[idx], ci[idx], user[idx], et[idx], prod[idx], cents[idx]

    # Bits of the event's number, so that a re-delivered line is the same byte for byte.
    def u01(salt):
        return (mix(num, salt) >> np.uint64(11)).astype(np.float64) / 2.0**53

    def uint(salt, m):
        return (mix(num, salt) % np.uint64(m)).astype(np.int64)

    # expectation violations (values legal for the type, illegal for the business)
    v = u01(101)
    qty = np.where(v < 0.0015, 0, np.where(v < 0.003, 500, qty))
    cents = np.where((v >= 0.003) & (v < 0.005), -cents, cents)
    ts = np.where((v >= 0.005) & (v < 0.006), ts + 6 * 365 * 86400_000, ts)
    user = np.where((v >= 0.006) & (v < 0.008), -1, user)
    unull = (v >= 0.008) & (v < 0.010)
    idnull = (v >= 0.010) & (v < 0.0105)
    cur = np.where(u01(102) < 0.55, 0, uint(103, len(CUR)))
    lat = np.round(35 + u01(104) * 25, 4)
    lon = np.round(-10 + u01(105) * 40, 4)
    # items
    cnt = np.where(np.isin(et, [3, 4, 5]), 1 + uint(106, 4), np.where(u01(107) < 0.3, 1, 0))
    off = np.zeros(N + 1, np.int32)
    np.cumsum(cnt, out=off[1:])
    tot = int(off[-1])
    k = np.arange(tot, dtype=np.uint64) - np.repeat(off[:-1], cnt).astype(np.uint64)
    key = np.repeat(num, cnt) * np.uint64(8) + k
    iprod = 1 + (mix(key, 3) % np.uint64(NPROD)).astype(np.int64)
    iqty = 1 + (mix(key, 4) % np.uint64(4)).astype(np.int64)
    ipr = (99 + (mix(key, 6) % np.uint64(20000)).astype(np.int64)) / 100
    sku = pl.select(pl.lit("SKU-") + pl.lit(pl.Series(iprod)).cast(pl.String).str.zfill(6)).to_series().to_arrow().cast(pa.string())
    items = pa.ListArray.from_arrays(pa.array(off), pa.StructArray.from_arrays([sku, pa.array(iqty), pa.array(ipr)], ["sku", "qty", "price"]))
    tc = uint(108, 5)
    toff = np.zeros(N + 1, np.int32)
    np.cumsum(tc, out=toff[1:])
    tk = np.repeat(num, tc) * np.uint64(8) + (np.arange(int(toff[-1]), dtype=np.uint64) - np.repeat(toff[:-1], tc).astype(np.uint64))
    tags = pa.ListArray.from_arrays(pa.array(toff), take(TAGS, (mix(tk, 9) % np.uint64(len(TAGS))).astype(np.int64)).to_arrow().cast(pa.string()))
    df = pl.DataFrame(
        {
            "event_id": nullify(hexids(num), idnull),
            "event_type": take(ETYPES, et),
            "event_ts": pl.Series(ts).cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
            "seq": seq,
            "user_id": nullify(pl.Series(user), unull),
            "session_id": pl.select(pl.lit("s-") + pl.lit(hexids(num // np.uint64(7) + np.uint64(10**12))).str.slice(0, 16)).to_series(),
            "status": nullify(take(["pending", "paid", "cancelled", "none"], status_i), status_i == 3),
            "product_id": prod,
            "quantity": qty,
            "unit_price": cents / 100,
            "currency": take([c for c in CUR] + [c.lower() for c in CUR], cur + np.where(u01(109) < 0.03, len(CUR), 0)),
            "coupon": nullify(take(COUPONS, uint(110, 4)), u01(111) > 0.2),
            "query": nullify(take(QUERIES, uint(112, len(QUERIES))), (et != 2) & (et != 7)),
            "os": take(OS, uint(113, 5)),
            "browser": take(BR, uint(114, 5)),
            "app_version": pl.select(pl.lit(pl.Series(uint(115, 9))).cast(pl.String) + "." + pl.lit(pl.Series(uint(116, 30))).cast(pl.String)).to_series(),
            "country": take(COUNTRIES, ci),
            "city": take([x for c in CITIES for x in c], ci * 3 + uint(117, 3)),
            "lat": lat,
            "lon": lon,
            "items": pl.from_arrow(items),
            "tags": pl.from_arrow(tags),
        }
    )
    inull = pl.Series(u01(118) < 0.02)
    df = df.with_columns(items=pl.when(~inull).then(pl.col("items")))
    lines = (
        df.select(
            pl.struct(
                "event_id",
                "event_type",
                "event_ts",
                "seq",
                "user_id",
                "session_id",
                "status",
                pl.struct(
                    "product_id",
                    "quantity",
                    "unit_price",
                    "currency",
                    "coupon",
                    "query",
                    pl.struct("os", "browser", "app_version").alias("device"),
                ).alias("payload"),
                "items",
                "tags",
                pl.struct("country", "city", "lat", "lon").alias("geo"),
            )
            .struct.json_encode()
            .alias("l")
        )
        .to_series()
        .to_list()
    )
    # malformed values (0.5% of lines: wrong JSON type) and corrupt lines (0.1%: broken JSON)
    w = rng.random(N)
    nmal = ncor = 0
    for i in np.nonzero(w < 0.006)[0]:
        s = lines[i]
        if w[i] < 0.001:
            kind = int(rng.integers(0, 3))
            if kind == 0:
                s = s[: int(rng.integers(20, s.index('"items":')))]  # truncated (before any array: Spark keeps partial rows for a cut inside an array)
            elif kind == 1:
                s = s.replace('"seq":', '"seq"', 1)  # missing colon
            else:
                s = "\u26a0 " + s[:60].replace("{", "<")  # junk
            ncor += 1
        else:
            kind = int(rng.integers(0, 4))
            o = json.loads(s)
            if kind == 0:
                o["user_id"] = f"u-{o['user_id']}"
            elif kind == 1:
                o["payload"]["quantity"] = "three"
            elif kind == 2:
                o["payload"]["unit_price"] = "N/A"
            else:
                o["event_ts"] = "not-a-date"
            s = json.dumps(o, ensure_ascii=False, separators=(",", ":"))
            nmal += 1
        lines[i] = s
    p = f"{out}/events/part-{f:05d}.ndjson"
    b = ("\n".join(lines) + "\n").encode()
    with open(p, "wb") as fh:
        fh.write(b)
    return N, len(b), nmal, ncor


def cust_table(ids, rng, base_ts, spread_ms):
    """Customers with the given ids, each updated within spread_ms of base_ts."""
    n = len(ids)
    fi, la = rng.integers(0, len(FIRST), n), rng.integers(0, len(LAST), n)
    df = pl.DataFrame(
        {
            "customer_id": ids,
            "name": pl.select(pl.lit(take(FIRST, fi)) + " " + pl.lit(take(LAST, la))).to_series(),
            "email": pl.select(
                pl.lit("user") + pl.lit(pl.Series(ids)).cast(pl.String) + "." + pl.lit(pl.Series(rng.integers(0, 1000, n))).cast(pl.String) + "@example.com"
            ).to_series(),
            "country": take(COUNTRIES, rng.integers(0, 12, n)),
            "segment": take(SEGMENTS, rng.choice(4, n, p=[0.7, 0.2, 0.05, 0.05])),
            "signup_date": pl.Series(rng.integers(16000, 20100, n).astype(np.int32)).cast(pl.Date),
            "birth_year": nullify(pl.Series(rng.integers(1940, 2008, n)), rng.random(n) < 0.05),
            "credit_limit": pl.Series(rng.integers(0, 5_000_00, n)).cast(pl.Decimal(14, 0)),
            "is_active": pl.Series(rng.random(n) < 0.9),
            "updated_at": pl.Series(base_ts + rng.integers(0, max(spread_ms, 1), n)).cast(pl.Datetime("ms")),
        }
    )
    return df.with_columns(credit_limit=(pl.col("credit_limit") / 100).cast(pl.Decimal(12, 2)))


def main():
    """Writes all the files and their manifest."""
    ap = argparse.ArgumentParser()
    ap.add_argument("--sf", type=float, default=0.2)
    ap.add_argument("--out", required=True)
    ap.add_argument("--jobs", type=int, default=2)
    a = ap.parse_args()
    t = time.time()
    for d in ("events", "customers", "cdc", "cdc_csv", "products"):
        os.makedirs(f"{a.out}/{d}", exist_ok=True)
    nfiles = max(2, round(32 * a.sf))
    ncust = int(1_000_000 * a.sf)
    with Pool(a.jobs) as p:
        r = p.map(gen_events, [(f, nfiles, ncust, a.out) for f in range(nfiles)], chunksize=1)
    man = {
        "sf": a.sf,
        "events": {
            "files": nfiles,
            "lines": sum(x[0] for x in r),
            "bytes": sum(x[1] for x in r),
            "malformed": sum(x[2] for x in r),
            "corrupt": sum(x[3] for x in r),
        },
    }
    D0 = np.datetime64("2025-01-01T00:00:00.000", "ms").astype("int64")
    rng = np.random.default_rng([SEED, 1001])
    cu = cust_table(np.arange(1, ncust + 1), rng, D0, 50 * 86400_000)
    sz = 0
    for i, part in enumerate(cu.with_columns(updated_at=pl.col("updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).iter_slices(-(-ncust // 4))):
        part.write_csv(f"{a.out}/customers/customers-{i}.csv")
        sz += os.path.getsize(f"{a.out}/customers/customers-{i}.csv")
    man["customers"] = {"rows": ncust, "bytes": sz}
    nc = int(300_000 * a.sf)
    rng = np.random.default_rng([SEED, 1002])
    op = rng.choice(3, nc, p=[0.15, 0.75, 0.10])
    ids = np.where(op == 0, 0, 1 + (ncust * rng.random(nc) ** 1.3).astype(np.int64))
    ids[op == 0] = ncust + 1 + np.arange((op == 0).sum())
    # 10% of updates/deletes go to freshly inserted keys
    late = (op != 0) & (rng.random(nc) < 0.1)
    ins_so_far = np.cumsum(op == 0)
    ids = np.where(late & (ins_so_far > 0), ncust + 1 + (rng.random(nc) * np.maximum(ins_so_far, 1)).astype(np.int64), ids)
    C0 = np.datetime64("2025-03-01T00:00:00.000", "ms").astype("int64")
    cts = C0 + np.sort(rng.choice(30 * 86400_000, nc, replace=False))
    body = cust_table(ids, rng, C0, 1).with_columns(updated_at=pl.Series(cts).cast(pl.Datetime("ms")))
    cdc = pl.DataFrame({"Op": take(["I", "U", "D"], op), "commit_ts": pl.Series(cts).cast(pl.Datetime("ms")), "change_seq": np.arange(1, nc + 1)}).hstack(body)
    s1 = s2 = 0
    for i, part in enumerate(cdc.iter_slices(-(-nc // 8))):
        tb = part.with_columns(pl.col("commit_ts", "updated_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")).to_arrow()
        tb = tb.cast(
            pa.schema(
                [
                    pa.field(
                        x.name,
                        pa.string()
                        if pa.types.is_large_string(x.type) or str(x.type) == "string_view"
                        else (pa.decimal128(12, 2) if pa.types.is_decimal(x.type) else x.type),
                    )
                    for x in tb.schema
                ]
            )
        )
        pq.write_table(tb, f"{a.out}/cdc/cdc-{i:03d}.parquet")
        s1 += os.path.getsize(f"{a.out}/cdc/cdc-{i:03d}.parquet")
        part.with_columns(pl.col("commit_ts", "updated_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")).write_csv(f"{a.out}/cdc_csv/cdc-{i:03d}.csv")
        s2 += os.path.getsize(f"{a.out}/cdc_csv/cdc-{i:03d}.csv")
    man["cdc"] = {
        "rows": nc,
        "I": int((op == 0).sum()),
        "U": int((op == 1).sum()),
        "D": int((op == 2).sum()),
        "parquet_bytes": s1,
        "csv_bytes": s2,
    }
    rng = np.random.default_rng([SEED, 1003])
    pid = np.arange(1, NPROD + 1)
    pr = pa.table(
        {
            "product_id": pa.array(pid),
            "sku": pa.array([f"SKU-{i:06d}" for i in pid]),
            "product_name": pa.array([f"Produkt №{i} – {CATS[i % 24]}" for i in pid]),
            "category": take(CATS, rng.integers(0, 24, NPROD)).to_arrow().cast(pa.string()),
            "list_price": pa.array(np.round(rng.random(NPROD) * 200, 2)),
            "cost": pa.array(np.round(rng.random(NPROD) * 100, 2)),
        }
    )
    pq.write_table(pr, f"{a.out}/products/products.parquet")
    man["products"] = {"rows": NPROD, "bytes": os.path.getsize(f"{a.out}/products/products.parquet")}
    man["gen_seconds"] = round(time.time() - t, 1)
    with open(f"{a.out}/manifest.json", "w") as f:
        json.dump(man, f, indent=1)
    print(json.dumps(man, indent=1))


if __name__ == "__main__":
    main()
