package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/storage"
)

// Options says how much of a table is looked at. The zero Options is usable.
type Options struct {
	Deep  bool             // data files are read too: their statistics, NOT NULL columns, constraints and deletion vectors are held against their rows
	Alloc memory.Allocator // default: memory.DefaultAllocator

	// Unchecked is told of what could not be checked, which may be broken or not: constraints and invariants whose expressions cannot be evaluated, and those of
	// tables that cannot be read. Default: nobody is.
	Unchecked func(Violation)
}

// Violation is one breach of the protocol.
type Violation struct {
	Rule    Rule
	Version int64  // the commit at fault, or the version of the checkpoint or checksum file; -1 where none is
	File    string // the object at fault, as a key under the table; empty where none is
	Action  string // the kind of action, as add; empty where none is
	Path    string // the data file that the action is about, as in the log; empty where none is
	Message string // what is wrong
}

// String tells the violation in one line.
func (v Violation) String() string {
	var b strings.Builder
	if v.Version >= 0 {
		fmt.Fprintf(&b, "version %d: ", v.Version)
	}
	for _, place := range []string{v.File, v.Action, v.Path} {
		if place != "" {
			b.WriteString(place + ": ")
		}
	}
	fmt.Fprintf(&b, "%s [%s, %s]", v.Message, v.Rule.ID, v.Rule.Section)
	return b.String()
}

// ErrNotTable says that there is no Delta log under the path. It is also a storage.ErrNotFound.
var ErrNotTable = fmt.Errorf("check: not a Delta table: %w", storage.ErrNotFound)

// Table gives all violations of the table under a key prefix of the store, in the order of the log. It returns ErrNotTable where there is no log, and the
// store's error where the log cannot be read.
func Table(ctx context.Context, store storage.Store, path string, o Options) ([]Violation, error) {
	var all []Violation
	err := Walk(ctx, store, path, o, func(v Violation) error {
		all = append(all, v)
		return nil
	})
	return all, err
}

// Walk is Table for logs of any length: it hands each violation to yield as it is found, and ends with yield's first error.
func Walk(ctx context.Context, store storage.Store, path string, o Options, yield func(Violation) error) error {
	if o.Alloc == nil {
		o.Alloc = memory.DefaultAllocator
	}
	c := &checker{store: store, options: o, yield: yield, state: newState()}
	if c.root = strings.Trim(path, "/"); c.root != "" {
		c.root += "/"
	}
	if l, ok := store.(storage.Locator); ok {
		c.url = strings.TrimSuffix(l.URL(c.root+"x"), "x")
	}
	if err := c.run(ctx); err != nil && !errors.Is(err, errStopped) {
		return err
	}
	return c.stopped
}

// errStopped says that yield wants no more.
var errStopped = errors.New("check: stopped")

// checker walks through a log, from its beginning to its end.
type checker struct {
	store   storage.Store
	root    string // key prefix of the table: empty, or ending in a slash
	url     string // of the table's folder, ending in a slash; empty where the store has no addresses
	options Options
	yield   func(Violation) error
	stopped error // what yield returned
	lost    bool  // commits are missing: the state is not known
	quiet   bool  // what is looked at will be looked at again

	log   *listing
	state *state
	place place
}

// place is what is looked at: where violations are found.
type place struct {
	version int64
	file    string
	action  string
	path    string
}

// report tells a violation of what is looked at.
func (c *checker) report(r Rule, format string, args ...any) {
	if c.quiet || c.stopped != nil {
		return
	}
	c.stopped = c.yield(c.violation(r, format, args))
}

// leaveUnchecked tells of a rule that what is looked at may break or not.
func (c *checker) leaveUnchecked(r Rule, format string, args ...any) {
	if c.options.Unchecked != nil && c.stopped == nil {
		c.options.Unchecked(c.violation(r, format, args))
	}
}

func (c *checker) violation(r Rule, format string, args []any) Violation {
	return Violation{
		Rule: r, Version: c.place.version, File: c.place.file, Action: c.place.action, Path: c.place.path, Message: fmt.Sprintf(format, args...),
	}
}

// at looks at something else.
func (c *checker) at(p place) { c.place = p }

// within looks at an action of the file at hand.
func (c *checker) within(action, path string) {
	c.place.action, c.place.path = action, path
}

func (c *checker) run(ctx context.Context) error {
	log, err := c.list(ctx)
	if err != nil {
		return err
	}
	if log.last() < 0 {
		return fmt.Errorf("%w: %s", ErrNotTable, c.name())
	}
	c.log = log
	c.checkContiguous()
	start, err := c.start(ctx)
	if err != nil {
		return err
	}
	for v := log.first(); v <= log.last(); v++ {
		if c.stopped != nil {
			return errStopped
		}
		if err := c.version(ctx, v, v >= start); err != nil {
			return err
		}
	}
	if err := c.checkHint(ctx); err != nil {
		return err
	}
	c.checkRowIDs()
	if err := c.checkObjects(ctx); err != nil {
		return err
	}
	if c.options.Deep {
		return c.deep(ctx)
	}
	return nil
}

func (c *checker) name() string {
	if c.url != "" {
		return c.url
	}
	return c.root
}

// start finds where replay can begin: the first commit, or the oldest checkpoint that can be read, whose state is taken over. Commits before it are looked at
// one by one only.
func (c *checker) start(ctx context.Context) (int64, error) {
	if c.log.commits[0] != nil {
		return 0, nil
	}
	for v := c.log.first(); v <= c.log.last(); v++ {
		for _, p := range c.log.checkpoints[v] {
			c.quiet = true
			s, err := c.readCheckpoint(ctx, p)
			c.quiet = false
			if err != nil {
				return 0, err
			}
			if s != nil && s.protocol != nil && s.metadata != nil {
				c.state = s
				c.state.adopt(v)
				return v + 1, nil
			}
		}
	}
	c.at(place{version: -1})
	c.report(LogStart, "neither commit 0 nor a checkpoint that can be read is there")
	return c.log.last() + 1, nil
}

// version looks at all that the log has of a version. Without replay the state is not known, and nothing is compared with it. Behind a commit that is missing
// it is not known either, until a checkpoint tells it.
func (c *checker) version(ctx context.Context, v int64, replayed bool) error {
	o := c.log.commits[v]
	if replayed && o == nil {
		c.lost = true
	}
	if o != nil {
		if err := c.commit(ctx, v, o, replayed && !c.lost); err != nil {
			return err
		}
	}
	if !replayed && c.state.version != v {
		return nil
	}
	for _, p := range c.log.checkpoints[v] {
		if err := c.checkpoint(ctx, p); err != nil {
			return err
		}
	}
	if c.lost {
		return nil
	}
	if err := c.checkCompactions(ctx, v); err != nil {
		return err
	}
	if o := c.log.checksums[v]; o != nil {
		return c.checksum(ctx, v, o)
	}
	return nil
}

// content is a whole object of the log. Where it is gone meanwhile or is broken off it counts as empty.
func (c *checker) content(ctx context.Context, o *object) ([]byte, error) {
	data, err := storage.ReadAll(ctx, c.store, c.root+o.name)
	if err != nil {
		return nil, fmt.Errorf("check: %s: %w", c.name(), err)
	}
	return data, nil
}
