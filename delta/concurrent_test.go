package delta_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/local"
	store "github.com/medallion-go/medallion/storage/memory"
)

// errChaos is the cause of every failure of a chaos.
var errChaos = errors.New("chaos")

// chaos is a store on which calls fail at random, before their effect or after it, are slow, or are the last that a writer makes.
type chaos struct {
	storage.Store
	mu     sync.Mutex
	random *rand.Rand
	killed bool
}

// strike decides about a call: lost says that it is to have its effect all the same.
func (c *chaos) strike(changes bool) (lost bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed {
		return false, fmt.Errorf("the writer was killed: %w", errChaos)
	}
	switch n := c.random.IntN(200); {
	case n == 0:
		c.killed = true
		return false, errChaos
	case n < 4:
		return false, errChaos
	case n < 8 && changes: // a lost response
		return true, fmt.Errorf("%w: %w", storage.ErrUndecided, errChaos)
	case n < 14 && changes: // a conflict that decides nothing
		return false, fmt.Errorf("%w: %w", storage.ErrUndecided, errChaos)
	case n < 18:
		time.Sleep(time.Duration(c.random.IntN(500)) * time.Microsecond)
	}
	return false, nil
}

func (c *chaos) Open(ctx context.Context, key string) (storage.Object, error) {
	if _, err := c.strike(false); err != nil {
		return nil, err
	}
	return c.Store.Open(ctx, key)
}

func (c *chaos) Create(ctx context.Context, key string) (storage.Writer, error) {
	if _, err := c.strike(false); err != nil {
		return nil, err
	}
	return c.Store.Create(ctx, key)
}

func (c *chaos) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	lost, err := c.strike(true)
	if err != nil && !lost {
		return err
	}
	return errors.Join(err, undecidedOnly(c.Store.PutIfAbsent(ctx, key, data), lost))
}

// undecidedOnly hides what a lost response said.
func undecidedOnly(err error, lost bool) error {
	if lost {
		return nil
	}
	return err
}

func (c *chaos) Delete(ctx context.Context, keys ...string) error {
	if _, err := c.strike(false); err != nil {
		return err
	}
	return c.Store.Delete(ctx, keys...)
}

// deed is what a commit says of itself, and what the model repeats.
type deed struct {
	What  string  `json:"what"`
	Group string  `json:"group"`
	IDs   []int64 `json:"ids"`
	K     int64   `json:"k"`
}

// writer is one of many on a table. What it does is done once, as it goes on under the same application and version until it is told that it is done.
type writer struct {
	number int
	store  storage.Store
	random *rand.Rand
	done   []deed // what it was told
}

// work does some deeds; a writer that is killed ends early.
func (w *writer) work(t *testing.T, deeds int) {
	table := delta.Open(w.store, "t", delta.Config{Retries: 10_000, Backoff: 50 * time.Microsecond})
	for i := range deeds {
		d := deed{What: []string{"append", "append", "append", "delete", "update", "merge", "optimize"}[w.random.IntN(7)], Group: fmt.Sprint("g", w.random.IntN(8)), K: 2 + w.random.Int64N(3)}
		for n := range 1 + w.random.IntN(5) {
			d.IDs = append(d.IDs, int64(w.number*1000+i*10+n))
		}
		for tries := 0; ; tries++ {
			err := d.do(t, table, delta.WriteOptions{AppID: fmt.Sprint("writer", w.number), AppVersion: int64(i + 1)})
			if err == nil {
				w.done = append(w.done, d)
				break
			}
			if c, ok := w.store.(*chaos); ok && c.killed {
				return
			}
			var conflict *delta.ConflictError
			if !errors.As(err, &conflict) && !errors.Is(err, errChaos) && !errors.Is(err, faultstore.ErrInjected) || tries > 1000 {
				if errors.Is(err, faultstore.ErrStopped) {
					return
				}
				t.Errorf("writer %d: %v: %v", w.number, d, err)
				return
			}
		}
	}
}

func (d deed) do(t *testing.T, table *delta.Table, o delta.WriteOptions) (err error) {
	if o.Info, err = json.Marshal(d); err != nil {
		return err
	}
	var texts []string
	for _, id := range d.IDs {
		texts = append(texts, fmt.Sprintf(`{"id":%d,"p":%q,"n":%d}`, id, d.Group, id%7))
	}
	source := rows(t, memory.DefaultAllocator, "id BIGINT, p STRING, n INT", "["+strings.Join(texts, ",")+"]")
	where := fmt.Sprintf("p = '%s' AND id %% %d = 0", d.Group, d.K)
	switch d.What {
	case "append":
		_, err = table.Append(t.Context(), source, o)
	case "delete":
		_, err = table.Delete(t.Context(), where, o)
	case "update":
		_, err = table.Update(t.Context(), map[string]string{"n": "n * 2 + 1"}, where, o)
	case "merge":
		_, err = table.Merge(source, "target.p = source.p AND target.p = '"+d.Group+"' AND target.id % 10 = source.id % 10").
			WhenMatched("target.n % 2 = 0").Update(map[string]string{"n": "target.n + 1"}).WhenNotMatched("").InsertAll().Run(t.Context(), o)
	case "optimize":
		_, err = table.Optimize(t.Context(), "", delta.OptimizeOptions{})
	}
	return err
}

type groupRow struct {
	p string
	n int64
}

// repeat is what the deed does to the rows that there are.
func (d deed) repeat(rows map[int64]groupRow) {
	matches := func(id int64, r groupRow) bool { return r.p == d.Group && id%d.K == 0 }
	switch d.What {
	case "append":
		for _, id := range d.IDs {
			rows[id] = groupRow{d.Group, id % 7}
		}
	case "delete":
		maps.DeleteFunc(rows, matches)
	case "update":
		for id, r := range rows {
			if matches(id, r) {
				rows[id] = groupRow{r.p, r.n*2 + 1}
			}
		}
	case "merge":
		digits := make(map[int64]bool)
		for _, id := range d.IDs {
			digits[id%10] = true
		}
		matched := make(map[int64]bool)
		for id, r := range rows {
			if r.p == d.Group && digits[id%10] {
				matched[id%10] = true
				if r.n%2 == 0 {
					rows[id] = groupRow{r.p, r.n + 1}
				}
			}
		}
		for _, id := range d.IDs {
			if !matched[id%10] {
				rows[id] = groupRow{d.Group, id % 7}
			}
		}
	}
}

// crowd is many writers on one table.
type crowd struct {
	t       *testing.T
	store   storage.Store // without faults
	writers []*writer
}

func newCrowd(t *testing.T, s storage.Store, vectors bool) *crowd {
	t.Helper()
	table := delta.Open(s, "t", delta.Config{})
	d := delta.Definition{Schema: ddl(t, "id BIGINT, p STRING, n INT"), PartitionBy: []string{"p"}, Properties: map[string]string{
		"delta.enableDeletionVectors": fmt.Sprint(vectors), "delta.checkpointInterval": "7",
	}}
	if _, err := table.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return &crowd{t: t, store: s}
}

// run has the writers work at once.
func (c *crowd) run(deeds int) {
	c.t.Helper()
	var wg sync.WaitGroup
	for _, w := range c.writers {
		wg.Go(func() { w.work(c.t, deeds) })
	}
	wg.Wait()
	c.check()
}

// check replays the commits in their order, one deed after the other: each version has the rows that these give, which is to be serializable. What a writer was
// told is done is done once; no breach of the protocol is found, and a vacuum takes nothing that is needed.
func (c *crowd) check() {
	c.t.Helper()
	table := delta.Open(c.store, "t", delta.Config{})
	commits, err := table.History(c.t.Context(), 0)
	if err != nil {
		c.t.Fatal(err)
	}
	slices.Reverse(commits)
	want, times := make(map[int64]groupRow), make(map[string]int)
	for _, commit := range commits {
		var info struct{ Medallion deed }
		if err := json.Unmarshal([]byte(commit.Raw), &info); err != nil {
			c.t.Fatal(err)
		}
		info.Medallion.repeat(want)
		times[fmt.Sprint(info.Medallion)]++
	}
	for _, w := range c.writers {
		for _, d := range w.done {
			if n := times[fmt.Sprint(d)]; n != 1 && d.What != "optimize" {
				c.t.Errorf("writer %d was told that %v is done, and %d commits do it", w.number, d, n)
			}
		}
	}
	c.compare(table, want)
	violations, err := check.Table(c.t.Context(), c.store, "t", check.Options{Deep: true})
	if err != nil || len(violations) > 0 {
		c.t.Errorf("check = %v, %v", violations, err)
	}
	if _, err := table.Vacuum(c.t.Context(), delta.VacuumOptions{Retention: -1, Force: true}); err != nil {
		c.t.Error(err)
	}
	c.compare(table, want)
}

func (c *crowd) compare(table *delta.Table, want map[int64]groupRow) {
	c.t.Helper()
	got, err := rowsOfVersion(c.t.Context(), snapshot(c.t, table))
	if err != nil {
		c.t.Fatal(err)
	}
	lines := make([]string, 0, len(want))
	for id, r := range want {
		lines = append(lines, fmt.Sprintf(`{"id":%d,"p":%q,"n":%d}`, id, r.p, r.n))
	}
	slices.Sort(lines)
	if diff := cmp.Diff(lines, got); diff != "" {
		c.t.Errorf("rows (-want by the commits in their order +got):\n%s", diff)
	}
}

// TestCrowd has 50 writers at once, on stores that fail and on stores that do not.
func TestCrowd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ vectors, failing, disk bool }{{false, true, false}, {true, true, true}, {true, false, false}, {false, false, true}} {
		t.Run(fmt.Sprintf("vectors %v, failing %v, disk %v", c.vectors, c.failing, c.disk), func(t *testing.T) {
			t.Parallel()
			var s storage.Store = store.New()
			if c.disk {
				var err error
				if s, err = (local.Config{NoSync: true}).New(t.TempDir()); err != nil {
					t.Fatal(err)
				}
			}
			crowd := newCrowd(t, s, c.vectors)
			for n := range 50 {
				w := &writer{number: n + 1, store: s, random: rand.New(rand.NewPCG(uint64(n), 3))}
				if c.failing {
					w.store = &chaos{Store: s, random: rand.New(rand.NewPCG(uint64(n), 4))}
				}
				crowd.writers = append(crowd.writers, w)
			}
			crowd.run(2)
		})
	}
}

// TestFaultAmongWriters fails each storage call of one of three writers in turn, in each way.
func TestFaultAmongWriters(t *testing.T) {
	t.Parallel()
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for _, stop := range []bool{false, true} {
			t.Run(fmt.Sprintf("effect %d, stop %v", effect, stop), func(t *testing.T) {
				t.Parallel()
				fired := 0
				for n := 1; n <= 20; n++ {
					s := store.New()
					c := newCrowd(t, s, n%2 == 0)
					faulty := faultstore.New(s, faultstore.Fault{At: n, Effect: effect, Stop: stop})
					for i := range 3 {
						c.writers = append(c.writers, &writer{number: i + 1, store: s, random: rand.New(rand.NewPCG(uint64(i), uint64(n)))})
					}
					c.writers[0].store = faulty
					c.run(2)
					if t.Failed() {
						t.Fatalf("call %d: see above", n)
					}
					if faulty.Fired() {
						fired++
					}
				}
				if fired < 10 {
					t.Errorf("the writer came to %d of 20 faults", fired)
				}
			})
		}
	}
}
