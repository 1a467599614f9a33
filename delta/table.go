package delta

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/storage"
)

// Config is what a Table needs from outside. The zero Config is usable.
type Config struct {
	Alloc              memory.Allocator // default: memory.DefaultAllocator
	Clock              func() time.Time // default: time.Now
	NewID              func() string    // default: a random UUID
	Logger             *slog.Logger     // default: discards; warnings about the log and about what follows a commit go here
	Retries            int              // commits tried again after conflicts that can be reconciled; default: 10
	Backoff            time.Duration    // longest wait before the first retry, doubled for each further one; default: 10 ms
	CheckpointInterval int              // commits between checkpoints; default: the table's delta.checkpointInterval, else 10, and up to 100 for 5,000 files; negative: none
	Freshness          time.Duration    // how long a kept snapshot serves blind writes without the log being listed; default: 10 s
	EngineInfo         string           // who writes, in commitInfo; default: medallion

	// Resolve gives the store and key of a data file or deletion vector that the log names by an address outside the table's own store, as shallow clones do. The
	// address is decoded: s3://bucket/a b, or /data/x for a local file. Default: such files are refused when they are read.
	Resolve func(url string) (storage.Store, string, error)
}

func (c Config) withDefaults() Config {
	if c.Alloc == nil {
		c.Alloc = memory.DefaultAllocator
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Retries == 0 {
		c.Retries = 10
	}
	if c.Backoff == 0 {
		c.Backoff = 10 * time.Millisecond
	}
	if c.Freshness == 0 {
		c.Freshness = 10 * time.Second
	}
	if c.EngineInfo == "" {
		c.EngineInfo = "medallion"
	}
	return c
}

// Table is a Delta table, there or not yet. It keeps the newest snapshot that it has seen, so that the next one reads only what is new. It is safe
// for concurrent use.
type Table struct {
	config Config
	store  storage.Store
	log    *log

	mu        sync.Mutex
	kept      *Snapshot // newest version seen
	bare      *Snapshot // for blind writes, as long as none is kept; nil: none
	cleanedTo time.Time // the cut-off of the last clean-up of the log
}

// Open names the table under a key prefix of the store ("" is the store's root). It does no I/O.
func Open(store storage.Store, path string, c Config) *Table {
	root := strings.Trim(path, "/")
	name := root
	if l, ok := store.(storage.Locator); ok {
		name = l.URL(root)
	}
	if root != "" {
		root += "/"
	}
	if name == "" {
		name = "."
	}
	return &Table{config: c.withDefaults(), store: store, log: &log{store: store, root: root, table: name}}
}

// Name is where the table lies, for messages: its URL where the store has one, else its path.
func (t *Table) Name() string { return t.log.table }

// Snapshot reads the newest version. It returns ErrNotTable where there is no log, *UnsupportedError where the table needs a feature that this package
// cannot read, and *CorruptError.
func (t *Table) Snapshot(ctx context.Context) (*Snapshot, error) {
	if kept := t.keptSnapshot(); kept != nil {
		s, err := t.refresh(ctx, kept)
		if s != nil || err != nil {
			return s, err
		}
	}
	s, err := t.load(ctx, -1)
	if err != nil {
		return nil, err
	}
	t.replaceKept(s)
	return s, nil
}

// recent is the kept snapshot while it is fresh and no commit follows it, else the newest. A blind write may build on it: whatever is committed in between
// is found when the commit meets it.
func (t *Table) recent(ctx context.Context) (*Snapshot, error) {
	kept, newest := t.keptSnapshot(), t.Snapshot
	if kept == nil {
		kept, newest = t.keptBare(), t.newestBare
	}
	if kept == nil || t.config.Clock().Sub(kept.seen) >= t.config.Freshness {
		return newest(ctx)
	}
	next, err := t.log.tryCommit(ctx, kept.version+1)
	if err != nil {
		return nil, err
	}
	if next != nil {
		return newest(ctx)
	}
	return kept, nil
}

// SnapshotAt reads one version. It returns a *VersionError, which is ErrVersionNotFound, where the version is not there or can no longer be rebuilt.
func (t *Table) SnapshotAt(ctx context.Context, version int64) (*Snapshot, error) {
	if kept := t.keptSnapshot(); kept != nil && kept.version == version {
		if is, err := t.log.look(ctx, kept); is == sameCommit || err != nil {
			return kept, err
		}
	}
	if version < 0 {
		return nil, &VersionError{Table: t.Name(), Version: version}
	}
	return t.load(ctx, version)
}

// refresh brings a kept snapshot up to date. It gives nil where the log no longer continues it: cleaned up, or the table replaced by another.
func (t *Table) refresh(ctx context.Context, kept *Snapshot) (*Snapshot, error) {
	found, err := t.log.list(ctx, kept.version)
	if err != nil {
		return nil, err
	}
	commits := found.commits
	if len(commits) == 0 {
		return nil, nil
	}
	if same, err := t.isKept(ctx, kept, commits[0]); !same || err != nil {
		return nil, err
	}
	infos := make([]storage.Info, 0, len(commits)-1)
	for i, c := range commits[1:] {
		if c.version != kept.version+int64(i)+1 {
			return nil, nil
		}
		infos = append(infos, c.info)
	}
	tail, err := t.log.readCommits(ctx, infos, kept.version+1)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := kept.advance(tail, t.config.Clock())
	if err != nil {
		return nil, err
	}
	s.mark = markOf(commits[len(commits)-1].info)
	t.keep(s)
	return s, nil
}

func (t *Table) keptSnapshot() *Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept
}

func (t *Table) keptBare() *Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bare
}

// keep remembers the snapshot unless a newer one is already there.
func (t *Table) keep(s *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.bare && t.kept == nil:
		t.bare = s
	case !s.bare && (t.kept == nil || t.kept.version <= s.version):
		t.kept, t.bare = s, nil
	}
}

// replaceKept remembers the snapshot in any case: the log itself may have begun again.
func (t *Table) replaceKept(s *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept, t.bare = s, nil
}

func (t *Table) warn(ctx context.Context, message string, err error) {
	t.config.Logger.WarnContext(ctx, message, slog.String("table", t.Name()), slog.Any("error", err))
}
