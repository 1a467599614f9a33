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
	Timestamp     time.Time // commitInfo's inCommitTimestamp or else its timestamp, else the commit file's
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
			c.Timestamp = files[i].info.ModTime.UTC().Truncate(time.Millisecond)
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
	var written time.Time
	s := &scanner{text: raw}
	for k := range s.members {
		v := s.raw()
		switch k {
		case "timestamp":
			if ms, err := strconv.ParseInt(textOf(v), 10, 64); err == nil {
				written = time.UnixMilli(ms).UTC()
			}
		case "inCommitTimestamp":
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
	if c.Timestamp.IsZero() {
		c.Timestamp = written
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
