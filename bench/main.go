// Bench runs the steps of bench/peers/SPEC.md with the library's public API and prints a JSON line for each, as the peers' runners do.
//
//	go run ./bench --data data/sf0.2 --steps B1,B2,S1,S2_init,S2a,S2b,G1
//
// With --data DIR --out LAKE --steps q1,q2,… where DIR is what bench/peers/tpc.py made and is named tpc…, it runs the queries of TPC-H or TPC-DS.
//
// The steps spill_aggregate and spill_sort run over rows that are generated as they are read, --generate MiB of them.
//
// With --warehouse, the tables that --on names run on a Databricks SQL warehouse, which has to reach the folder of the tables under the same path.
//
// A step starts from the tables that the steps before it left, under out/SF/medallion unless --out says otherwise; its own tables are removed before the clock
// starts. cpu_seconds is the whole process's user and system time within the step; peak_rss_mb its high-water mark, reset before each step where the
// system allows that.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/medallion-go/medallion/internal/cputime"
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "data/sf0.2", "folder of the generated input")
	flag.StringVar(&o.out, "out", "", "folder of the tables (default: out/SF/medallion)")
	steps := flag.String("steps", "B1,B2,S1,S2_init,S2a,S2b,G1", "steps to run, in this order")
	flag.StringVar(&o.dsn, "warehouse", "", "DSN of a SQL warehouse, with its catalog: token:…@host/sql/1.0/warehouses/…?catalog=main")
	flag.StringVar(&o.on, "on", "all", "tables that run on the warehouse, with commas between, or all")
	flag.IntVar(&o.runs, "runs", 1, "runs of each step")
	flag.IntVar(&o.appends, "appends", 1000, "commits of step A1")
	flag.Int64Var(&o.generate, "generate", 200, "MiB of rows that the steps spill_aggregate and spill_sort generate")
	flag.Int64Var(&o.memory, "memory", 0, "memory budget in MiB (default: the library's); the Go runtime is then asked to stay within twice of it")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if o.out == "" {
		o.out = filepath.Join("out", filepath.Base(filepath.Clean(o.data)), "medallion")
	}
	if o.memory > 0 {
		debug.SetMemoryLimit(2 * o.memory << 20)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := profiled(*profile, func() error { return run(ctx, o, strings.Split(*steps, ",")) }); err != nil {
		stop()
		log.Fatal(err)
	}
}

type options struct {
	data, out     string
	dsn, on       string
	runs, appends int
	memory        int64
	generate      int64
}

// profiled runs f, under the CPU profiler when a file is named.
func profiled(file string, f func() error) error {
	if file == "" {
		return f()
	}
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := pprof.StartCPUProfile(w); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

// outcome is what a step says beside its times.
type outcome struct {
	rows  int64
	extra map[string]any
}

// step is one of SPEC.md's: prepare is outside the clock.
type step struct {
	prepare func() error
	run     func(ctx context.Context) (outcome, error)
}

func run(ctx context.Context, o options, names []string) (err error) {
	if isQueries(o.data) {
		steps, err := queries(ctx, o)
		if err != nil {
			return err
		}
		return runSteps(ctx, o, steps, names)
	}
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	return runSteps(ctx, o, b.steps(), names)
}

func runSteps(ctx context.Context, o options, steps map[string]step, names []string) error {
	for _, name := range names {
		s, ok := steps[name]
		if !ok {
			emit(map[string]any{"peer": "medallion", "data": o.sf(), "step": name, "error": "not possible"})
			continue
		}
		for i := range o.runs {
			if err := measure(ctx, o.sf(), name, i, s); err != nil {
				return fmt.Errorf("step %s: %w", name, err)
			}
		}
	}
	return nil
}

// sf names the input in the lines.
func (o options) sf() string { return filepath.Base(filepath.Clean(o.data)) }

func measure(ctx context.Context, sf, name string, run int, s step) error {
	if err := s.prepare(); err != nil {
		return err
	}
	resetPeak()
	cpu, start := cputime.Process(), time.Now()
	out, err := s.run(ctx)
	if err != nil {
		return err
	}
	line := map[string]any{
		"peer": "medallion", "data": sf, "step": name, "run": run, "rows": out.rows, "peak_rss_mb": peakMB(),
		"seconds": round(time.Since(start).Seconds(), 4), "cpu_seconds": round((cputime.Process() - cpu).Seconds(), 4),
	}
	for k, v := range out.extra {
		line[k] = v
	}
	emit(line)
	return nil
}

func emit(line map[string]any) {
	text, err := json.Marshal(line)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}

// resetPeak starts a new high-water mark of resident memory. Only Linux can; elsewhere the mark is the process's.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMB is the high-water mark of resident memory in MB of 2^20 bytes, or 0 where the system does not tell.
func peakMB() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}
