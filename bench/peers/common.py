"""What every peer's runner shares: flags, the clock, peak memory, and the JSON line of a step."""

import argparse
import json
import os
import shutil
import time
import traceback

RATES = {"EUR": 10000, "USD": 9200, "GBP": 11700, "PLN": 2300, "SEK": 880, "JPY": 62, "BRL": 1700, "CZK": 400}
TS_LO, TS_HI = "2025-01-01", "2026-01-01"
CUST = ["customer_id", "name", "email", "country", "segment", "signup_date", "birth_year", "credit_limit", "is_active", "updated_at"]
STEPS = ["B1", "B2", "S1", "S2_init", "S2a", "S2b", "G1", "M1_compact", "M1_zorder", "M1_vacuum", "Q1", "Q2", "MERGE_10M", "META_ckpt", "META_json", "META_300k", "A1"]


class Runner:
    """One peer's steps by name, run in the order that --steps says."""

    def __init__(self, peer):
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", default="data/sf0.2", help="folder of the generated input")
        parser.add_argument("--out", help="folder of the tables (default: out/SF/PEER)")
        parser.add_argument("--steps", default=",".join(STEPS))
        parser.add_argument("--runs", type=int, default=1, help="runs of each step")
        parser.add_argument("--appends", type=int, default=1000, help="commits of step A1")
        a = parser.parse_args()
        self.peer, self.data, self.names, self.runs, self.appends = peer, a.data, a.steps.split(","), a.runs, a.appends
        self.sf = os.path.basename(a.data.rstrip("/"))
        self.out = a.out or f"out/{self.sf}/{peer}"
        # Where mkmeta.py and mkfrag.py leave their tables: beside the data, and beside the peers' tables.
        self.meta = os.path.join(os.path.dirname(a.data.rstrip("/")), "meta")
        self.fragmented = os.path.join(os.path.dirname(self.out.rstrip("/")), "frag")
        self.pid = "self"
        self.steps = {}
        os.makedirs(self.out, exist_ok=True)

    def step(self, name, clears=(), restores=None, prepare=None):
        """Registers a step. Before the clock starts its tables are removed, a table that it changes is put back as S2_init left it, and prepare is called."""

        def before():
            for table in clears:
                shutil.rmtree(f"{self.out}/{table}", ignore_errors=True)
                shutil.rmtree(f"{self.out}/{table}.init", ignore_errors=True)
            if restores:
                self.restore(f"{self.out}/{restores}")
            if prepare:
                prepare()

        def register(f):
            self.steps[name] = (before, f)
            return f

        return register

    @staticmethod
    def restore(table):
        initial = table + ".init"
        if not os.path.exists(initial):
            shutil.copytree(table, initial)
        shutil.rmtree(table)
        shutil.copytree(initial, table)

    def run(self):
        """Runs the steps. Returns the exit status: 1 when one failed."""
        failed = 0
        for name in self.names:
            if name not in self.steps:
                self.emit(name, error="not possible")
                continue
            for i in range(self.runs):
                try:
                    self.measure(name, i)
                except Exception as e:
                    traceback.print_exc()
                    self.emit(name, error=str(e)[:300])
                    failed = 1
                    break
        return failed

    def measure(self, name, i):
        before, step = self.steps[name]
        before()
        reset_peak(self.pid)
        load, cpu0, start = os.getloadavg()[0], cpu_seconds(self.pid), time.perf_counter()
        rows = step()
        seconds, cpu = time.perf_counter() - start, cpu_seconds(self.pid) - cpu0
        rows, extra = rows if isinstance(rows, tuple) else (rows, {})
        self.emit(
            name,
            run=i,
            seconds=round(seconds, 4),
            rows=rows,
            peak_rss_mb=round(peak_mb(self.pid)),
            cpu_seconds=round(cpu, 4),
            load1=round(load, 1),
            **extra,
        )

    def emit(self, step, **values):
        print(json.dumps({"peer": self.peer, "data": self.sf, "step": step, **values}), flush=True)


def reset_peak(pid):
    """Starts a new high-water mark of resident memory, where the system allows it."""
    try:
        with open(f"/proc/{pid}/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass


def peak_mb(pid):
    """The high-water mark of resident memory in MB of 2^20 bytes."""
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))


def cpu_seconds(pid):
    """User and system CPU seconds of the process so far: steadier than wall time on a shared machine."""
    if pid == "self":
        return time.process_time()
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
