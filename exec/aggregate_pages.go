package exec

import (
	"context"
	"slices"
)

// paged tells whether all workers' groups are in memory, numbered by pages, with states that can be merged where they are: a page is then a partition.
func (a *Aggregate) paged() bool {
	return len(a.found) > 1 && !a.over() && !slices.ContainsFunc(a.found, func(f *workerGroups) bool {
		return f.table == nil || f.table.pages == nil || slices.ContainsFunc(f.accs, func(acc accumulator) bool { return !apart(acc) })
	})
}

// pageMorsels merge pages that follow each other, each for about as many groups as a batch takes.
func (a *Aggregate) pageMorsels() []Morsel {
	low, high, groups := ^uint64(0), uint64(0), 0
	for _, f := range a.found {
		groups += f.len()
		if x := f.table.pages; len(x.dir) > 0 {
			low, high = min(low, x.first), max(high, x.end())
		}
	}
	out := []Morsel{a.mergedNulls}
	for step := (high-low)/uint64(groups/MaxRows+a.env.Workers) + 1; low < high; low += step {
		out = append(out, a.mergedPages(low, min(low+step, high)))
	}
	return out
}

// mergedNulls yields the group whose key is NULL, if there is one.
func (a *Aggregate) mergedNulls(_ context.Context, yield func(*Batch) error) error {
	m := newPageMerge(a)
	for i, f := range a.found {
		if f.table.null > 0 {
			m.take(0, i, uint32(f.table.null-1))
		}
	}
	return m.finish(yield)
}

// mergedPages yields the groups of the pages from … to-1.
func (a *Aggregate) mergedPages(from, to uint64) Morsel {
	return func(ctx context.Context, yield func(*Batch) error) error {
		m := newPageMerge(a)
		for page := from; page < to; page++ {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			m.add(page)
		}
		return m.finish(yield)
	}
}

// pageMerge gathers which groups of the workers are one, to merge them into that of the first worker that has it.
type pageMerge struct {
	a     *Aggregate
	kept  [][]uint32 // by worker: its groups that stay
	into  [][]uint32 // by pair of workers: groups of the first …
	from  [][]uint32 // … and what is merged into them
	owner [1 << pageBits]int16
	group [1 << pageBits]uint32
}

func newPageMerge(a *Aggregate) *pageMerge {
	n := len(a.found)
	return &pageMerge{a: a, kept: make([][]uint32, n), into: make([][]uint32, n*n), from: make([][]uint32, n*n)}
}

// add gathers one page.
func (m *pageMerge) add(page uint64) {
	clear(m.owner[:])
	for i, f := range m.a.found {
		x := f.table.pages.at(page)
		if x == nil {
			continue
		}
		for place, id := range x {
			if id > 0 {
				m.take(place, i, id-1)
			}
		}
	}
}

// take notes that a worker's group has the key of a place.
func (m *pageMerge) take(place, worker int, group uint32) {
	if m.owner[place] == 0 {
		m.owner[place], m.group[place] = int16(worker+1), group
		m.kept[worker] = append(m.kept[worker], group)
		return
	}
	pair := int(m.owner[place]-1)*len(m.kept) + worker
	m.into[pair], m.from[pair] = append(m.into[pair], m.group[place]), append(m.from[pair], group)
}

// finish merges and yields what was gathered.
func (m *pageMerge) finish(yield func(*Batch) error) error {
	found, n := m.a.found, len(m.kept)
	for pair, groups := range m.into {
		if len(groups) == 0 {
			continue
		}
		if err := found[pair/n].merge(groups, m.from[pair], found[pair%n].groups); err != nil {
			return err
		}
	}
	for i, kept := range m.kept {
		for picked := range slices.Chunk(kept, MaxRows) {
			if err := m.a.emitPicked(found[i].groups, picked, len(picked), yield); err != nil {
				return err
			}
		}
	}
	return nil
}
