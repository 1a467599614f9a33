package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// domain is what a domainMetadata action says.
type domain struct {
	configuration string
	removed       bool
}

// commit is one commit, or what else holds actions.
type commit struct {
	version   int64
	info      members
	infoLine  int // of commitInfo among the actions, -1 where there is none
	protocol  *protocol
	metadata  *metadata
	schemaErr error
	adds      []*file
	removes   []*file
	changes   []*file
	txns      map[string]int64
	domains   map[string]domain
	sidecars  []members
	headers   []members // checkpointMetadata
	timestamp int64
	lines     int
}

func newCommit(version int64) *commit {
	return &commit{version: version, infoLine: -1, txns: make(map[string]int64), domains: make(map[string]domain)}
}

// commit looks at one commit and, where it is replayed, moves the state on.
func (c *checker) commit(ctx context.Context, version int64, o *object, replayed bool) error {
	data, err := c.content(ctx, o)
	if err != nil {
		return err
	}
	c.at(place{version: version, file: o.name})
	w := newCommit(version)
	c.parse(w, data)
	c.within("", "")
	c.checkPaths(w)
	if version == 0 && (w.protocol == nil || w.metadata == nil) {
		c.report(FirstCommit, "version 0 lacks its protocol or its metaData")
	}
	if !replayed {
		return nil
	}
	c.checkHeader(w)
	before := *c.state
	c.checkRemoves(w)
	c.state.apply(w)
	if w.protocol != nil || w.metadata != nil {
		c.within("", "")
		c.checkUses()
	}
	c.checkTimestamps(w, &before)
	c.checkDomains(w)
	for _, f := range w.adds {
		c.within("add", f.path)
		c.checkAdd(f)
	}
	c.checkChanges(w)
	c.checkLiveTwice(w)
	c.compact(w)
	return nil
}

// parse reads the lines of a commit.
func (c *checker) parse(w *commit, data []byte) {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		c.within("", "")
		v, err := decodeJSON(line)
		m, ok := v.(map[string]any)
		if err == nil && !ok {
			err = errors.New("it is no object")
		}
		actions := slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(name string) bool { return !isAction(name) }) // others are of the future
		if err == nil && len(actions) > 1 {
			err = fmt.Errorf("it has the actions %s, and there is one a line", strings.Join(actions, " and "))
		}
		if err != nil {
			c.report(CommitJSON, "line %d: %v", w.lines+1, err)
			w.lines++
			continue
		}
		for _, action := range actions {
			body, ok := m[action].(map[string]any)
			if !ok {
				c.report(CommitJSON, "line %d: the action %s is no object", w.lines+1, action)
				continue
			}
			c.take(w, action, body)
		}
		w.lines++
	}
}

// take checks the members of an action and takes it over.
func (c *checker) take(w *commit, action string, m members) {
	c.within(action, m.text("path"))
	sound := c.checkFields(m, fields(action))
	if v := m.object("deletionVector"); v != nil {
		sound = c.checkFields(v, vectorFields) && sound
	}
	twice := false
	switch action {
	case "commitInfo":
		twice = w.infoLine >= 0
		w.info, w.infoLine = m, w.lines
		w.timestamp = m.integer("inCommitTimestamp")
	case "protocol":
		twice = w.protocol != nil
		w.protocol = protocolOf(m)
	case "metaData":
		twice = w.metadata != nil
		w.metadata, w.schemaErr = metadataOf(m)
	case "txn":
		_, twice = w.txns[m.text("appId")]
		w.txns[m.text("appId")] = m.integer("version")
	case "domainMetadata":
		_, twice = w.domains[m.text("domain")]
		w.domains[m.text("domain")] = domain{m.text("configuration"), m.boolean("removed")}
	case "sidecar":
		w.sidecars = append(w.sidecars, m)
	case "checkpointMetadata":
		w.headers = append(w.headers, m)
	case "add", "remove", "cdc":
		if sound || m.text("path") != "" {
			w.takeFile(action, fileOf(m))
		}
	}
	if twice {
		c.report(ActionTwice, "a second action %s%s", action, named(m))
	}
}

func (w *commit) takeFile(action string, f *file) {
	switch action {
	case "add":
		w.adds = append(w.adds, f)
	case "remove":
		w.removes = append(w.removes, f)
	default:
		w.changes = append(w.changes, f)
	}
}

// named is the name of an application or a domain.
func named(m members) string {
	if name := m.text("appId") + m.text("domain"); name != "" {
		return " of " + strconv.Quote(name)
	}
	return ""
}

// checkPaths looks for files that one commit adds or removes twice, or both.
func (c *checker) checkPaths(w *commit) {
	added, removed := make(map[string]bool), make(map[string]bool)
	logical := make(map[string]bool)
	for _, f := range w.adds {
		c.within("add", f.path)
		if p := canonical(f.path); added[p] {
			c.report(FileTwice, "the file is added twice")
		} else {
			added[p] = true
		}
		logical[f.key()] = true
	}
	for _, f := range w.removes {
		c.within("remove", f.path)
		if p := canonical(f.path); removed[p] {
			c.report(FileTwice, "the file is removed twice")
		} else {
			removed[p] = true
		}
		if logical[f.key()] {
			c.report(FileTwice, "the file is added and removed, with the same deletion vector or none")
		}
	}
	c.within("", "")
}

// checkHeader looks at the commit's protocol and metaData.
func (c *checker) checkHeader(w *commit) {
	if w.protocol != nil {
		c.checkProtocol(w.protocol)
	}
	if w.metadata != nil {
		c.checkMetadata(w.metadata, w.schemaErr, c.state.metadata)
	}
}

// checkRemoves looks at what the commit removes, before it is applied.
func (c *checker) checkRemoves(w *commit) {
	appendOnly := c.state.property("delta.appendOnly") == "true" && c.state.supports("appendOnly")
	for _, f := range w.removes {
		c.within("remove", f.path)
		if appendOnly && f.dataChange {
			c.report(AppendOnly, "rows are removed although delta.appendOnly is set")
		}
		if c.state.live[f.key()] == nil {
			c.report(RemoveNotLive, "the file%s was not in the table", withVector(f))
		}
	}
}

func withVector(f *file) string {
	if f.vector == nil {
		return ""
	}
	return " with the deletion vector " + f.vector.id()
}

// checkChanges looks at the change files.
func (c *checker) checkChanges(w *commit) {
	for _, f := range w.changes {
		c.within("cdc", f.path)
		if f.dataChange {
			c.report(ChangeFile, "dataChange is true")
		}
		if p, ok := c.relative(f.path); ok && !strings.HasPrefix(p, "_change_data/") {
			c.report(ChangeFile, "it does not lie in _change_data")
		}
		if !c.state.supports("changeDataFeed") {
			c.report(FeatureMissing, "a change file needs the feature changeDataFeed")
		}
	}
}

// checkLiveTwice looks, among the files that the commit adds, for those that are live with two deletion vectors.
func (c *checker) checkLiveTwice(w *commit) {
	for _, f := range w.adds {
		if c.state.paths[canonical(f.path)] > 1 {
			c.within("add", f.path)
			c.report(PathLiveTwice, "the file was live already, with another deletion vector or none, and is not removed")
		}
	}
}

// checkTimestamps looks at the in-commit timestamp, once the commit is applied.
func (c *checker) checkTimestamps(w *commit, before *state) {
	if !c.state.supports("inCommitTimestamp") || c.state.property("delta.enableInCommitTimestamps") != "true" {
		return
	}
	c.within("commitInfo", "")
	if !w.info.has("inCommitTimestamp") || w.infoLine != 0 {
		c.report(TimestampFirst, "the commit does not begin with a commitInfo that has an inCommitTimestamp")
		return
	}
	if before.timestamp != 0 && w.timestamp <= before.timestamp {
		c.report(TimestampOrder, "the inCommitTimestamp %d is not after %d, that of the version before", w.timestamp, before.timestamp)
	}
	if w.version == 0 || before.property("delta.enableInCommitTimestamps") == "true" {
		return
	}
	at, since := c.state.property("delta.inCommitTimestampEnablementVersion"), c.state.property("delta.inCommitTimestampEnablementTimestamp")
	if at != strconv.FormatInt(w.version, 10) || since != strconv.FormatInt(w.timestamp, 10) {
		c.report(TimestampSince, "delta.inCommitTimestampEnablementVersion and Timestamp are %q and %q, want %d and %d", at, since, w.version, w.timestamp)
	}
}

// checkDomains looks at the domains that the commit sets, once it is applied.
func (c *checker) checkDomains(w *commit) {
	for _, name := range slices.Sorted(maps.Keys(w.domains)) {
		c.within("domainMetadata", "")
		if !c.state.supports("domainMetadata") {
			c.report(FeatureMissing, "the domain %s needs the feature domainMetadata", name)
		}
		if w.domains[name].removed {
			continue
		}
		switch name {
		case rowTrackingDomain:
			c.checkHighWaterMark(w.domains[name].configuration)
		case clusteringDomain:
			c.checkClustering(w.domains[name].configuration)
		}
	}
}
