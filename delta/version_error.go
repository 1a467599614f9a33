package delta

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// VersionRange is the versions from First to Last, both included.
type VersionRange struct{ First, Last int64 }

// String is "10 to 20", or "10" where that is all.
func (r VersionRange) String() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprint(r.First, " to ", r.Last)
}

// VersionError says that a version cannot be read, or its changes: the table never had it, or log clean-up has removed what that takes. It is an ErrVersionNotFound.
// A log that lacks what no clean-up removes is a *CorruptError instead.
type VersionError struct {
	Table    string
	Version  int64          // that was asked for; where a time was, the version nearest to it that is still there
	Time     time.Time      // that was asked for; zero: a version was
	Nearest  time.Time      // of Version, where a time was asked for
	Changes  bool           // what the version changed was asked for, which only its commit tells
	Cleaned  bool           // it was there once
	Readable []VersionRange // what can be read instead, oldest first
}

// Error says which version cannot be read, why, and which can.
func (e *VersionError) Error() string {
	s := ErrVersionNotFound.Error() + ": " + e.Table
	switch {
	case !e.Time.IsZero():
		s += " at " + e.Time.UTC().Format(time.RFC3339Nano) + ": the nearest version is " + fmt.Sprint(e.Version) + ", of " + e.Nearest.UTC().Format(time.RFC3339Nano)
	case e.Cleaned:
		s += fmt.Sprintf(" version %d", e.Version)
	default:
		s += fmt.Sprintf(" has no version %d", e.Version)
	}
	if e.Cleaned {
		s += ": log clean-up (delta.logRetentionDuration) has removed what it takes to read it"
	}
	return s + e.instead()
}

// instead names what can be read.
func (e *VersionError) instead() string {
	if len(e.Readable) == 0 {
		return ""
	}
	list := make([]string, len(e.Readable))
	for i, r := range e.Readable {
		list[i] = r.String()
	}
	what := "versions that can be read: "
	if e.Changes {
		what = "versions whose changes can be read: "
	}
	return "; " + what + strings.Join(list, ", ")
}

// Unwrap gives ErrVersionNotFound.
func (e *VersionError) Unwrap() error { return ErrVersionNotFound }

// Retryable is false: what was removed does not come back.
func (e *VersionError) Retryable() bool { return false }

// readable are the versions that can be rebuilt: by a checkpoint, or by the commits since the first or since a checkpoint.
func (o *listing) readable() (list []VersionRange) {
	checkpoints := o.checkpoints
	last := func() int64 {
		if len(list) == 0 {
			return -1
		}
		return list[len(list)-1].Last
	}
	add := func(version int64) {
		if len(list) > 0 && version <= last()+1 {
			list[len(list)-1].Last = max(version, last())
		} else {
			list = append(list, VersionRange{version, version})
		}
	}
	upTo := func(version int64) {
		for len(checkpoints) > 0 && checkpoints[0].version <= version {
			add(checkpoints[0].version)
			checkpoints = checkpoints[1:]
		}
	}
	for _, c := range o.commits {
		if upTo(c.version); c.version == last()+1 {
			add(c.version)
		}
	}
	upTo(o.newest())
	return list
}

// changing are the versions whose commits are there, and thus what they changed.
func (o *listing) changing() (list []VersionRange) {
	for _, c := range o.commits {
		if n := len(list); n > 0 && c.version == list[n-1].Last+1 {
			list[n-1].Last++
		} else {
			list = append(list, VersionRange{c.version, c.version})
		}
	}
	return list
}

func holds(ranges []VersionRange, version int64) bool {
	return slices.ContainsFunc(ranges, func(r VersionRange) bool { return r.First <= version && version <= r.Last })
}

// lacks is the error for a version that cannot be rebuilt, nil where it can. A later version that can tells that clean-up has come by: without one it is damage, which
// the reading of the log tells.
func (l *log) lacks(found *listing, version int64) error {
	readable := found.readable()
	e := &VersionError{Table: l.table, Version: version, Readable: readable, Cleaned: version <= found.newest()}
	if holds(readable, version) || e.Cleaned && (len(readable) == 0 || readable[len(readable)-1].First < version) {
		return nil
	}
	return e
}
