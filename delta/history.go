package delta

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Commit is what one commit says about itself. Fields that its writer left out are empty.
type Commit struct {
	Version       int64
	Timestamp     time.Time // commitInfo's, else the commit file's
	Operation     string
	Parameters    map[string]string // text; values that are not strings are JSON
	Metrics       map[string]string
	IsBlindAppend bool // false also where the writer does not say
	TxnID         string
	EngineInfo    string
	Raw           string // the whole commitInfo, as JSON; empty where there is none
}

// History gives the newest commits that are still there, newest first; limit 0 means all.
func (t *Table) History(ctx context.Context, limit int) ([]Commit, error) {
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return nil, err
	}
	if found.newest() < 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotTable, t.Name())
	}
	files := found.commits
	if limit > 0 && len(files) > limit {
		files = files[len(files)-limit:]
	}
	var out []Commit
	p := newParser()
	for i := len(files) - 1; i >= 0; i-- {
		a, err := t.log.readCommit(ctx, p, files[i].info.Key, files[i].version)
		if err != nil {
			return nil, err
		}
		c := parseCommitInfo(a.info)
		c.Version = files[i].version
		if c.Timestamp.IsZero() {
			c.Timestamp = files[i].info.ModTime.UTC()
		}
		out = append(out, c)
	}
	return out, nil
}

// parseCommitInfo takes what it can: the protocol leaves commitInfo free, so nothing in it is an error.
func parseCommitInfo(raw string) Commit {
	c := Commit{Raw: raw}
	if raw == "" {
		return c
	}
	s := &scanner{text: raw}
	s.open('{')
	for k, ok := s.key(); ok; k, ok = s.key() {
		v := s.raw()
		switch k {
		case "timestamp":
			if ms, err := strconv.ParseInt(textOf(v), 10, 64); err == nil {
				c.Timestamp = time.UnixMilli(ms).UTC()
			}
		case "operation":
			c.Operation = textOf(v)
		case "operationParameters":
			c.Parameters = (&scanner{text: v}).looseMap()
		case "operationMetrics":
			c.Metrics = (&scanner{text: v}).looseMap()
		case "isBlindAppend":
			c.IsBlindAppend = v == "true"
		case "txnId":
			c.TxnID = textOf(v)
		case "engineInfo":
			c.EngineInfo = textOf(v)
		}
	}
	return c
}

// textOf is a JSON string's text, and any other value's JSON.
func textOf(raw string) string {
	if raw == "" || raw[0] != '"' {
		return raw
	}
	return (&scanner{text: raw}).str()
}

// looseMap is stringMap for what may be no object at all.
func (s *scanner) looseMap() map[string]string {
	if s.peek() != '{' {
		return nil
	}
	return s.stringMap()
}

// versionAsOf is the newest version that is not later than the time.
func (t *Table) versionAsOf(ctx context.Context, at time.Time) (int64, error) {
	newest, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	found, err := t.log.list(ctx, 0)
	if err != nil {
		return 0, err
	}
	commits := found.commits
	if len(commits) == 0 {
		return 0, fmt.Errorf("%w: %s has no commit left that tells its time", ErrVersionNotFound, t.Name())
	}
	times, err := t.commitTimes(ctx, newest, commits)
	if err != nil {
		return 0, err
	}
	last := len(commits) - 1
	if at.Before(times[0]) {
		return 0, fmt.Errorf("%w: %s is before the first commit of %s that is still there, version %d of %s", ErrVersionNotFound,
			at.UTC().Format(time.RFC3339Nano), t.Name(), commits[0].version, times[0].UTC().Format(time.RFC3339Nano))
	}
	if at.After(times[last]) {
		return 0, fmt.Errorf("%w: %s is after the newest commit of %s, version %d of %s: use Snapshot", ErrVersionNotFound,
			at.UTC().Format(time.RFC3339Nano), t.Name(), commits[last].version, times[last].UTC().Format(time.RFC3339Nano))
	}
	for times[last].After(at) {
		last--
	}
	return commits[last].version, nil
}

// commitTimes are the commits' times: from inside the commits where in-commit timestamps are enabled, else the files'
// (Delta protocol: In-Commit Timestamps).
func (t *Table) commitTimes(ctx context.Context, newest *Snapshot, commits []commitFile) ([]time.Time, error) {
	times := monotonic(commits)
	if newest.Property("delta.enableInCommitTimestamps") != "true" {
		return times, nil
	}
	enabled, _ := strconv.ParseInt(newest.Property("delta.inCommitTimestampEnablementVersion"), 10, 64)
	p := newParser()
	for i, c := range commits {
		if c.version < enabled {
			continue
		}
		a, err := t.log.readCommit(ctx, p, c.info.Key, c.version)
		if err != nil {
			return nil, err
		}
		ms, ok := inCommitTimestamp(a.info)
		if !ok {
			return nil, &CorruptError{Table: t.Name(), Version: c.version, File: c.info.Key, Reason: "the commit has no inCommitTimestamp"}
		}
		times[i] = time.UnixMilli(ms)
	}
	return times, nil
}

func inCommitTimestamp(info string) (ms int64, ok bool) {
	if info == "" {
		return 0, false
	}
	s := &scanner{text: info}
	s.open('{')
	for k, more := s.key(); more; k, more = s.key() {
		if k == "inCommitTimestamp" {
			ms, ok = s.int64(), true
		} else {
			s.skip(0)
		}
	}
	return ms, ok && s.err == nil
}
