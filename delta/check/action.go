package check

import (
	"encoding/json"
	"math"
	"slices"
)

// kind is the type of an action's member.
type kind uint8

const (
	text kind = iota
	integer
	boolean
	textMap // its values may be NULL
	list
	member // an object
)

func (k kind) String() string {
	return [...]string{"a string", "an integer", "a boolean", "an object of strings", "a list of strings", "an object"}[k]
}

// field is a member that an action may have.
type field struct {
	name     string
	kind     kind
	required bool
}

// fields are the members of each action that the protocol describes. Others may be there too.
func fields(action string) []field {
	switch action {
	case "add":
		return []field{
			{"path", text, true},
			{"partitionValues", textMap, true},
			{"size", integer, true},
			{"modificationTime", integer, true},
			{"dataChange", boolean, true},
			{"stats", text, false},
			{"tags", textMap, false},
			{"deletionVector", member, false},
			{"baseRowId", integer, false},
			{"defaultRowCommitVersion", integer, false},
			{"clusteringProvider", text, false},
		}
	case "remove":
		return removeFields
	case "cdc":
		return []field{{"path", text, true}, {"partitionValues", textMap, true}, {"size", integer, true}, {"dataChange", boolean, true}, {"tags", textMap, false}}
	case "metaData":
		return []field{
			{"id", text, true},
			{"name", text, false},
			{"description", text, false},
			{"format", member, true},
			{"schemaString", text, true},
			{"partitionColumns", list, true},
			{"createdTime", integer, false},
			{"configuration", textMap, true},
		}
	case "protocol":
		return []field{{"minReaderVersion", integer, true}, {"minWriterVersion", integer, true}, {"readerFeatures", list, false}, {"writerFeatures", list, false}}
	case "txn":
		return []field{{"appId", text, true}, {"version", integer, true}, {"lastUpdated", integer, false}}
	case "domainMetadata":
		return []field{{"domain", text, true}, {"configuration", text, true}, {"removed", boolean, true}}
	case "sidecar":
		return []field{{"path", text, true}, {"sizeInBytes", integer, true}, {"modificationTime", integer, true}, {"tags", textMap, false}}
	case "checkpointMetadata":
		return []field{{"version", integer, true}, {"tags", textMap, false}}
	default:
		return nil
	}
}

// isAction tells the protocol's actions from names that it does not have, or not yet, and that stand beside them.
func isAction(name string) bool { return name == "commitInfo" || fields(name) != nil }

// removeFields are the members of a remove.
var removeFields = []field{
	{"path", text, true},
	{"deletionTimestamp", integer, false},
	{"dataChange", boolean, true},
	{"extendedFileMetadata", boolean, false},
	{"partitionValues", textMap, false},
	{"size", integer, false},
	{"stats", text, false},
	{"tags", textMap, false},
	{"deletionVector", member, false},
	{"baseRowId", integer, false},
	{"defaultRowCommitVersion", integer, false},
}

// vectorFields are the members of a deletion vector's descriptor.
var vectorFields = []field{
	{"storageType", text, true}, {"pathOrInlineDv", text, true}, {"offset", integer, false}, {"sizeInBytes", integer, true}, {"cardinality", integer, true},
}

// members is a JSON object. Numbers are json.Number; a member that is null is as one that is not there.
type members map[string]any

func (m members) text(name string) string {
	s, _ := m[name].(string)
	return s
}

func (m members) boolean(name string) bool {
	b, _ := m[name].(bool)
	return b
}

func (m members) has(name string) bool { return m[name] != nil }

// integer gives 0 where the member is not there or is none.
func (m members) integer(name string) int64 {
	n, _ := asInteger(m[name])
	return n
}

func (m members) optional(name string) *int64 {
	if n, ok := asInteger(m[name]); ok {
		return &n
	}
	return nil
}

func (m members) object(name string) members {
	switch v := m[name].(type) {
	case map[string]any:
		return v
	default:
		return nil
	}
}

func (m members) integers(name string) []int64 {
	list, _ := m[name].([]any)
	out := make([]int64, 0, len(list))
	for _, v := range list {
		n, ok := asInteger(v)
		if !ok {
			return nil
		}
		out = append(out, n)
	}
	return out
}

func (m members) list(name string) []string {
	values, _ := m[name].([]any)
	var texts []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

func (m members) texts(name string) map[string]*string {
	out := make(map[string]*string)
	for k, v := range m.object(name) {
		if s, ok := v.(string); ok {
			out[k] = &s
		} else {
			out[k] = nil
		}
	}
	return out
}

// asInteger reads a number without a fraction, as 12 and 1.2e1.
func asInteger(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	if i, err := n.Int64(); err == nil {
		return i, true
	}
	f, err := n.Float64()
	return int64(f), err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53
}

func (k kind) holds(v any) bool {
	switch k {
	case text:
		_, ok := v.(string)
		return ok
	case integer:
		_, ok := asInteger(v)
		return ok
	case boolean:
		_, ok := v.(bool)
		return ok
	case textMap:
		m, ok := v.(map[string]any)
		for _, value := range m {
			_, isText := value.(string)
			ok = ok && (isText || value == nil)
		}
		return ok
	case list:
		values, ok := v.([]any)
		return ok && !slices.ContainsFunc(values, func(v any) bool { return !text.holds(v) })
	case member:
		_, ok := v.(map[string]any)
		return ok
	}
	return false
}

// checkFields looks for members that are missing or of another type; it reports whether all was well.
func (c *checker) checkFields(m members, want []field) bool {
	sound := true
	for _, f := range want {
		switch v := m[f.name]; {
		case v == nil && f.required:
			c.report(FieldMissing, "the member %s is missing", f.name)
			sound = false
		case v != nil && !f.kind.holds(v):
			c.report(FieldType, "the member %s is %s, not %v", f.name, shown(v), f.kind)
			sound = false
		}
	}
	return sound
}

// shown is a JSON value as text, cut short.
func shown(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "no JSON"
	}
	if len(data) > 60 {
		return string(data[:60]) + "…"
	}
	return string(data)
}

// shownWhole is a JSON value as text, with the keys of objects in order.
func shownWhole(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
