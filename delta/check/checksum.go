package check

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// checksumFields are the members of a checksum file.
var checksumFields = []field{
	{"tableSizeBytes", integer, true},
	{"numFiles", integer, true},
	{"numMetadata", integer, true},
	{"numProtocol", integer, true},
	{"metadata", member, true},
	{"protocol", member, true},
	{"inCommitTimestampOpt", integer, false},
}

// checksumTotals are the members that checksum files had before the protocol described them: older writers of Databricks have these alone.
var checksumTotals = checksumFields[:4]

// checksum compares a version's checksum file with the state.
func (c *checker) checksum(ctx context.Context, version int64, o *object) error {
	data, err := c.content(ctx, o)
	if err != nil {
		return err
	}
	c.at(place{version: version, file: o.name})
	v, err := decodeJSON(data)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		c.report(Checksum, "it is no JSON object: %v", err)
		return nil
	}
	want := checksumFields
	old := !members(m).has("metadata") && !members(m).has("protocol")
	if old {
		want = checksumTotals
	}
	if !c.checkFields(m, want) || c.state.version != version {
		return nil
	}
	s := c.state
	size := int64(0)
	for _, f := range s.live {
		size += f.size
	}
	c.compareTotals(m, map[string]int64{"tableSizeBytes": size, "numFiles": int64(len(s.live)), "numMetadata": 1, "numProtocol": 1})
	if !old {
		c.compareHeader(m)
	}
	if t := members(m).optional("inCommitTimestampOpt"); t != nil && s.timestamp != 0 && *t != s.timestamp {
		c.report(Checksum, "inCommitTimestampOpt is %d, and %d in the log", *t, s.timestamp)
	}
	c.compareLists(m)
	for _, name := range []string{"fileSizeHistogram", "histogramOpt"} {
		if h, ok := m[name].(map[string]any); ok {
			c.histogram(name, h)
		}
	}
	return nil
}

// compareHeader compares the protocol and the metadata of a checksum file.
func (c *checker) compareHeader(m members) {
	s := c.state
	if p := protocolOf(m.object("protocol")); s.protocol != nil && !s.protocol.same(p) {
		c.report(Checksum, "the protocol is not that of the log")
	}
	if held, err := metadataOf(m.object("metadata")); s.metadata != nil {
		if what, same := s.metadata.same(held); !same || err != nil {
			c.report(Checksum, "the metadata's %s is not that of the log", what)
		}
	}
}

// histogram holds the sizes of the live files to a checksum file's histogram, whatever its ranges are.
func (c *checker) histogram(name string, h members) {
	bounds, files, bytes := h.integers("sortedBinBoundaries"), h.integers("fileCounts"), h.integers("totalBytes")
	if len(bounds) == 0 || bounds[0] != 0 || !slices.IsSorted(bounds) || len(files) != len(bounds) || len(bytes) != len(bounds) {
		c.report(Checksum, "%s has no ascending ranges from 0 on, or other counts", name)
		return
	}
	wantFiles, wantBytes := make([]int64, len(bounds)), make([]int64, len(bounds))
	for _, f := range c.state.live {
		i, found := slices.BinarySearch(bounds, f.size)
		if !found {
			i--
		}
		if i >= 0 {
			wantFiles[i], wantBytes[i] = wantFiles[i]+1, wantBytes[i]+f.size
		}
	}
	if !slices.Equal(files, wantFiles) || !slices.Equal(bytes, wantBytes) {
		c.report(Checksum, "%s is not that of the live files", name)
	}
}

func (c *checker) compareTotals(m members, want map[string]int64) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := m.integer(name); got != want[name] {
			c.report(Checksum, "%s is %d, want %d", name, got, want[name])
		}
	}
}

// compareLists compares the lists that a checksum file may have.
func (c *checker) compareLists(m members) {
	if list, ok := m["domainMetadata"].([]any); ok {
		held := make(map[string]string)
		for _, v := range list {
			if d, ok := v.(map[string]any); ok && !members(d).boolean("removed") {
				held[members(d).text("domain")] = members(d).text("configuration")
			}
		}
		if !maps.Equal(held, c.state.domains) {
			c.report(Checksum, "domainMetadata is not that of the log")
		}
	}
	if list, ok := m["setTransactions"].([]any); ok {
		for _, v := range list {
			t, _ := v.(map[string]any)
			if app := members(t).text("appId"); members(t).integer("version") != c.state.txns[app] {
				c.report(Checksum, "setTransactions: the application %s is not where it is in the log", app)
			}
		}
	}
	if list, ok := m["allFiles"].([]any); ok {
		held := make(map[string]bool)
		for _, v := range list {
			if f, ok := v.(map[string]any); ok {
				held[fileOf(f).key()] = true
			}
		}
		for key := range c.state.live {
			if !held[key] || len(held) != len(c.state.live) {
				c.report(Checksum, "allFiles are not the live files")
				return
			}
		}
	}
}

// checkHint looks at _last_checkpoint.
func (c *checker) checkHint(ctx context.Context) error {
	o := c.log.hint
	if o == nil {
		return nil
	}
	data, err := c.content(ctx, o)
	if err != nil {
		return err
	}
	c.at(place{version: -1, file: o.name})
	v, err := decodeJSON(data)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		c.report(Hint, "it is no JSON object: %v", err)
		return nil
	}
	if !c.checkFields(m, []field{{"version", integer, true}, {"size", integer, true}, {"parts", integer, false}, {"checksum", text, false}}) {
		return nil
	}
	if sum := members(m).text("checksum"); sum != "" {
		if want := hintChecksum(m); sum != want {
			c.report(Hint, "the checksum is %s, want %s", sum, want)
		}
	}
	version := members(m).integer("version")
	c.place.version = version
	if !slices.ContainsFunc(c.log.checkpoints[version], func(p *checkpointParts) bool { return !slices.Contains(p.parts, nil) }) {
		c.report(Hint, "there is no complete checkpoint of version %d", version)
	}
	if parts := members(m).integer("parts"); parts > 1 && !slices.ContainsFunc(c.log.checkpoints[version], func(p *checkpointParts) bool { return int64(len(p.parts)) == parts }) {
		c.report(Hint, "the checkpoint of version %d has not %d parts", version, parts)
	}
	return nil
}

// hintChecksum is the MD5 of the members but checksum, in the protocol's canonical form.
func hintChecksum(m members) string {
	m = maps.Clone(m)
	delete(m, "checksum")
	pairs := canonicalPairs(map[string]any(m), nil, nil)
	slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p[0] + "=" + p[1])
	}
	sum := md5.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// canonicalPairs appends the paths of all scalars, and their values.
func canonicalPairs(v any, path []string, pairs [][2]string) [][2]string {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			pairs = canonicalPairs(e, append(slices.Clip(path), urlEncoded(k)), pairs)
		}
		return pairs
	case []any:
		for i, e := range v {
			pairs = canonicalPairs(e, append(slices.Clip(path), strconv.Itoa(i)), pairs)
		}
		return pairs
	default:
		return append(pairs, [2]string{strings.Join(path, "+"), canonicalScalar(v)})
	}
}

func canonicalScalar(v any) string {
	switch v := v.(type) {
	case string:
		return urlEncoded(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		return "null"
	}
}

// urlEncoded is text in quotes with all but letters, digits and -._~ as the percent signs of their bytes.
func urlEncoded(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
