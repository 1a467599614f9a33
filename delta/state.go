package delta

import (
	"slices"
	"sync"
)

// fileSet is the live files and tombstones of one version, reconciled and immutable.
type fileSet struct {
	totals
	live       []*File // oldest first
	tombstones []*tombstone

	index func() map[string]*File // live files by key, built at first use
}

func newFileSet(live []*File, tombstones []*tombstone) *fileSet {
	s := &fileSet{live: live, tombstones: tombstones}
	for _, f := range live {
		s.add(f, 1)
	}
	s.index = sync.OnceValue(func() map[string]*File {
		m := make(map[string]*File, len(s.live))
		for _, f := range s.live {
			m[f.key()] = f
		}
		return m
	})
	return s
}

// reconcile puts commits, oldest first, on top of a set (Delta protocol: Action Reconciliation). Only the commits' keys are hashed into a table, so that a
// large checkpoint costs one lookup a file.
func reconcile(base *fileSet, tail []*actions) *fileSet {
	if len(tail) == 0 {
		return base
	}
	seen := make(map[string]struct{}, countFiles(tail))
	var adds []*File
	var removes []*tombstone
	for _, a := range slices.Backward(tail) {
		for _, f := range slices.Backward(a.adds) {
			if unseen(seen, f.key()) {
				adds = append(adds, f)
			}
		}
		for _, t := range slices.Backward(a.removes) {
			if unseen(seen, t.key()) {
				removes = append(removes, t)
			}
		}
	}
	live := make([]*File, 0, len(base.live)+len(adds))
	for _, f := range base.live {
		if _, ok := seen[f.key()]; !ok {
			live = append(live, f)
		}
	}
	tombstones := make([]*tombstone, 0, len(base.tombstones)+len(removes))
	for _, t := range base.tombstones {
		if _, ok := seen[t.key()]; !ok {
			tombstones = append(tombstones, t)
		}
	}
	slices.Reverse(adds)
	slices.Reverse(removes)
	return newFileSet(append(live, adds...), append(tombstones, removes...))
}

func countFiles(tail []*actions) int {
	n := 0
	for _, a := range tail {
		n += len(a.adds) + len(a.removes)
	}
	return n
}

func unseen(seen map[string]struct{}, key string) bool {
	n := len(seen)
	seen[key] = struct{}{}
	return len(seen) > n
}
