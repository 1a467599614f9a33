package medallion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/sink"
	"github.com/medallion-go/medallion/storage"
)

// Delivered is what Deliver did.
type Delivered struct {
	ID   string // empty when nothing was new
	From int64  // rows appended after this version …
	To   int64  // … and up to this one
	Rows int64
}

// delivery is one step of a table's deliveries to a sink. It is written to <table>/_medallion/deliveries/<sink>/<number>.json before the rows are handed over,
// and <number>.done after; a delivery that is not done is made again under the same ID, which the sink counts once.
type delivery struct {
	ID    string `json:"id"`
	Table string `json:"table"` // metaData.id
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

// Deliver hands the rows that were appended to the table since the last delivery over to the sink, each row once, whatever is interrupted. Rows that were
// changed or removed cannot be delivered so: it then returns an error and delivers nothing.
func (p *Pipeline) Deliver(ctx context.Context, table AnyTable, to sink.Sink) (Delivered, error) {
	d, err := p.deliver(ctx, table, to)
	if err != nil {
		return d, fmt.Errorf("medallion: deliver %s to %s: %w", table.Name(), to.Name(), err)
	}
	return d, nil
}

func (p *Pipeline) deliver(ctx context.Context, table AnyTable, to sink.Sink) (Delivered, error) {
	r, err := p.resolver(ctx)
	if err != nil {
		return Delivered{}, err
	}
	if _, err := table.Declaration().resolve(r); err != nil {
		return Delivered{}, err
	}
	path := p.Lake.Path(table.Name())
	s, err := delta.Open(p.Lake.Store, path, delta.Config{Logger: p.Logger}).Snapshot(ctx)
	if err != nil {
		return Delivered{}, err
	}
	log := deliveries{store: p.Lake.Store, dir: storage.Join(path, "_medallion", "deliveries", url.PathEscape(to.Name()))}
	number, d, err := log.next(ctx, s)
	if err != nil || d == nil {
		return Delivered{}, err
	}
	if d.Table != s.ID() {
		return Delivered{}, fmt.Errorf("the table is not the one that was delivered from so far (its id is %s, it was %s)", s.ID(), d.Table)
	}
	rows, err := handOver(ctx, s, *d, to)
	if err != nil {
		return Delivered{}, err
	}
	return Delivered{ID: d.ID, From: d.From, To: d.To, Rows: rows}, log.finish(ctx, number)
}

// handOver reads the delivery's rows as of its last version and gives them to the sink.
func handOver(ctx context.Context, s *delta.Snapshot, d delivery, to sink.Sink) (rows int64, err error) {
	if s.Version() != d.To {
		if s, err = s.Table().SnapshotAt(ctx, d.To); err != nil {
			return 0, err
		}
	}
	files, appended, err := s.AddedSince(ctx, d.From)
	if err != nil {
		return 0, err
	}
	if !appended {
		return 0, fmt.Errorf("rows were changed or removed between version %d and version %d: only appended rows can be delivered", d.From, d.To)
	}
	if files == nil {
		files = []*delta.File{}
	}
	scan, err := s.Scan(delta.ScanConfig{Files: files})
	if err != nil {
		return 0, err
	}
	return scan.Rows, to.Deliver(ctx, sink.Delivery{ID: d.ID, Schema: scan.Schema(), Rows: scan.Records(ctx)})
}

// deliveries are the records of one table's deliveries to one sink.
type deliveries struct {
	store storage.Store
	dir   string
}

func (l deliveries) key(number int64, kind string) string {
	return storage.Join(l.dir, fmt.Sprintf("%020d.%s", number, kind))
}

// next is the delivery to be made: one that was interrupted, or a new one up to the snapshot; nil when nothing is new.
func (l deliveries) next(ctx context.Context, s *delta.Snapshot) (int64, *delivery, error) {
	number, last, err := l.last(ctx)
	if err != nil {
		return 0, nil, err
	}
	if last != nil {
		if _, err := storage.ReadAll(ctx, l.store, l.key(number, "done")); errors.Is(err, storage.ErrNotFound) {
			return number, last, nil
		} else if err != nil {
			return 0, nil, err
		}
	}
	d := &delivery{Table: s.ID(), From: -1, To: s.Version()}
	if last != nil {
		d.From = last.To
		number++
	}
	if d.From >= d.To {
		return 0, nil, nil
	}
	d.ID = fmt.Sprintf("%s-%d-%d", d.Table, d.From+1, d.To)
	return number, d, l.claim(ctx, number, d)
}

// claim records the delivery; when another runner came first, theirs is the one to be made.
func (l deliveries) claim(ctx context.Context, number int64, d *delivery) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	err = l.store.PutIfAbsent(ctx, l.key(number, "json"), data)
	if !errors.Is(err, storage.ErrExists) && !errors.Is(err, storage.ErrUndecided) {
		return err
	}
	data, err = storage.ReadAll(ctx, l.store, l.key(number, "json"))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, d)
}

// last is the newest record, or nil.
func (l deliveries) last(ctx context.Context) (number int64, d *delivery, err error) {
	for info, err := range l.store.List(ctx, l.dir+"/", "") {
		if err != nil {
			return 0, nil, err
		}
		var n int64
		if _, err := fmt.Sscanf(info.Key[len(l.dir)+1:], "%020d.json", &n); err == nil {
			number, d = n, &delivery{}
		}
	}
	if d == nil {
		return 0, nil, nil
	}
	data, err := storage.ReadAll(ctx, l.store, l.key(number, "json"))
	if err != nil {
		return 0, nil, err
	}
	return number, d, json.Unmarshal(data, d)
}

// finish notes that the delivery is done.
func (l deliveries) finish(ctx context.Context, number int64) error {
	err := l.store.PutIfAbsent(ctx, l.key(number, "done"), nil)
	if errors.Is(err, storage.ErrExists) {
		return nil
	}
	return err
}
