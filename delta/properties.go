package delta

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// property is one of Delta's own table properties: what it must be, and whether the protocol keeps it itself.
type property struct {
	is   func(value string) bool
	must string // what is says, for messages
	own  bool
}

func boolProperty() property { return property{is: isBool, must: "it must be true or false"} }

func spanProperty() property {
	return property{is: isSpan, must: "it must be an interval such as interval 7 days; months and years are not accepted"}
}

func textProperty() property { return property{is: func(string) bool { return true }} }

func numberProperty(least int64) property {
	return property{is: func(v string) bool {
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		return err == nil && n >= least
	}, must: fmt.Sprintf("it must be an integer from %d", least)}
}

func oneOf(values ...string) property {
	return property{is: func(v string) bool {
		return slices.ContainsFunc(values, func(o string) bool { return strings.EqualFold(o, v) })
	}, must: "it must be one of " + strings.Join(values, ", ")}
}

// kept is a property that the protocol keeps itself.
func kept(p property) property {
	p.own = true
	return p
}

func isBool(v string) bool { return strings.EqualFold(v, "true") || strings.EqualFold(v, "false") }

func isSpan(v string) bool {
	_, err := parseInterval(v)
	return err == nil
}

func isByteSize(v string) bool {
	_, ok := parseByteSize(v)
	return ok
}

// deltaProperties are Delta's own table properties, by name.
func deltaProperties() map[string]property {
	return map[string]property{
		"delta.appendOnly":                                   boolProperty(),
		"delta.autoOptimize":                                 boolProperty(),
		"delta.autoOptimize.autoCompact":                     oneOf("true", "false", "auto"),
		"delta.autoOptimize.optimizeWrite":                   boolProperty(),
		"delta.castIcebergTimeType":                          boolProperty(),
		"delta.checkpoint.writeStatsAsJson":                  boolProperty(),
		"delta.checkpoint.writeStatsAsStruct":                boolProperty(),
		"delta.checkpointInterval":                           numberProperty(1),
		"delta.checkpointPolicy":                             oneOf("classic", "v2"),
		"delta.checkpointRetentionDuration":                  spanProperty(),
		mappingModeKey:                                       oneOf(mappingNone, mappingName, mappingID),
		maxColumnIDKey:                                       kept(numberProperty(0)),
		"delta.compatibility.symlinkFormatManifest.enabled":  boolProperty(),
		"delta.dataSkippingNumIndexedCols":                   numberProperty(-1),
		statsColumnsKey:                                      textProperty(),
		"delta.dataSkippingStringPrefixLength":               numberProperty(0),
		"delta.deletedFileRetentionDuration":                 spanProperty(),
		"delta.dropFeatureTruncateHistory.retentionDuration": spanProperty(),
		"delta.enableChangeDataFeed":                         boolProperty(),
		"delta.enableDeletionVectors":                        boolProperty(),
		"delta.enableExpiredLogCleanup":                      boolProperty(),
		"delta.enableFullRetentionRollback":                  boolProperty(),
		"delta.enableIcebergCompatV1":                        boolProperty(),
		"delta.enableIcebergCompatV2":                        boolProperty(),
		"delta.enableIcebergCompatV3":                        boolProperty(),
		"delta.enableInCommitTimestamps":                     boolProperty(),
		"delta.enableMaterializePartitionColumnsFeature":     boolProperty(),
		rowTrackingProperty:                                  boolProperty(),
		typeWideningProperty:                                 boolProperty(),
		"delta.enableVariantShredding":                       boolProperty(),
		"delta.ignoreIcebergBucketPartition":                 boolProperty(),
		"delta.ignoreProtocolDefaults":                       boolProperty(),
		"delta.inCommitTimestampEnablementTimestamp":         kept(numberProperty(0)),
		"delta.inCommitTimestampEnablementVersion":           kept(numberProperty(0)),
		"delta.isolationLevel":                               oneOf(serializable, writeSerializable),
		"delta.logRetentionDuration":                         spanProperty(),
		"delta.minReaderVersion":                             numberProperty(1),
		"delta.minWriterVersion":                             numberProperty(1),
		"delta.parquet.compression.codec":                    oneOf("snappy", "zstd", "uncompressed", "none"),
		parquetVersionKey:                                    oneOf("1.0.0", "2.12.0"),
		"delta.randomPrefixLength":                           numberProperty(1),
		"delta.randomizeFilePrefixes":                        boolProperty(),
		protectedBeforeKey:                                   kept(numberProperty(0)),
		rowVersionNameKey:                                    kept(textProperty()),
		rowIDNameKey:                                         kept(textProperty()),
		rowTrackingSuspended:                                 boolProperty(),
		"delta.sampleRetentionDuration":                      spanProperty(),
		"delta.setTransactionRetentionDuration":              spanProperty(),
		"delta.targetFileSize":                               {is: isByteSize, must: "it must be a number of bytes such as 128mb"},
		"delta.tuneFileSizesForRewrites":                     boolProperty(),
		"delta.universalFormat.enabledFormats":               textProperty(),
		"delta.writePartitionColumnsToParquet":               boolProperty(),
	}
}

// The names of properties that several places need.
const (
	statsColumnsKey      = "delta.dataSkippingStatsColumns"
	typeWideningProperty = "delta.enableTypeWidening"
	parquetVersionKey    = "delta.parquet.format.version"
	protectedBeforeKey   = "delta.requireCheckpointProtectionBeforeVersion"
	constraintProperty   = "delta.constraints."
)

// checkProperties refuses properties of Delta's that are not known, are the protocol's own or cannot have their value. It gives them by their proper
// names, and apart the features that delta.feature.* and the protocol's versions ask for: these are no properties of the table.
func checkProperties(set map[string]string) (properties map[string]string, features []string, err error) {
	known := make(map[string]string)
	all := deltaProperties()
	for name := range all {
		known[strings.ToLower(name)] = name
	}
	properties = make(map[string]string, len(set))
	for _, name := range slices.Sorted(maps.Keys(set)) {
		value, lower := set[name], strings.ToLower(name)
		if feature, ok := strings.CutPrefix(lower, featureProperty); ok {
			f, err := featureOfProperty(name, feature, value)
			if err != nil {
				return nil, nil, err
			}
			features = append(features, f)
			continue
		}
		if !strings.HasPrefix(lower, "delta.") || strings.HasPrefix(lower, constraintProperty) {
			properties[name] = value
			continue
		}
		proper := known[lower]
		p, ok := all[proper]
		switch {
		case !ok:
			return nil, nil, &PropertyError{name, value, "there is no such property of Delta's: properties of one's own do not begin with delta."}
		case p.own:
			return nil, nil, &PropertyError{name, value, "the protocol keeps it itself: it cannot be set"}
		case !p.is(value):
			return nil, nil, &PropertyError{name, value, p.must}
		case proper == "delta.minReaderVersion" || proper == "delta.minWriterVersion":
			features = append(features, featuresOfVersion(proper, value)...)
		default:
			properties[proper] = value
		}
	}
	return properties, features, nil
}

// featureOfProperty is the feature that delta.feature.<name> = supported asks for.
func featureOfProperty(property, lower, value string) (string, error) {
	if v := strings.ToLower(value); v != "supported" && v != "enabled" {
		return "", &PropertyError{property, value, "it must be supported"}
	}
	i := slices.IndexFunc(features, func(f feature) bool { return strings.ToLower(f.name) == lower })
	if i < 0 {
		return "", &PropertyError{property, value, "there is no such feature of tables"}
	}
	return features[i].name, nil
}

// featuresOfVersion are the features that a protocol version of old implies.
func featuresOfVersion(property, value string) []string {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return nil
	}
	var list []string
	for _, f := range features {
		byWriter := property == "delta.minWriterVersion" && f.legacy > 0 && f.legacy <= n
		byReader := property == "delta.minReaderVersion" && f.legacy > 0 && f.reader && n >= 2
		if byWriter && !f.reader || byReader {
			list = append(list, f.name)
		}
	}
	return list
}

// changedProperties are those that are not what they were.
func changedProperties(before, after map[string]string) map[string]string {
	changed := make(map[string]string)
	for k, v := range after {
		if old, ok := before[k]; !ok || old != v {
			changed[k] = v
		}
	}
	return changed
}

// SetProperties sets table properties. One of Delta's that is not known, is the protocol's own or cannot have its value is a *PropertyError; one that turns a
// feature on raises the protocol. It returns the commit's version.
func (t *Table) SetProperties(ctx context.Context, properties map[string]string) (int64, error) {
	for name, value := range properties {
		if strings.EqualFold(name, rowTrackingProperty) && strings.EqualFold(value, "true") {
			if err := t.backfillRowIDs(ctx); err != nil {
				return 0, err
			}
		}
	}
	op := Operation{Name: "SET TBLPROPERTIES", Parameters: map[string]string{"properties": jsonMap(properties)}}
	return t.alter(ctx, op, func(a *alteration) error {
		for name, value := range properties {
			if strings.HasPrefix(strings.ToLower(name), constraintProperty) {
				return &PropertyError{name, value, "a constraint is added with AddConstraint, which looks at the rows that are there"}
			}
		}
		return a.setProperties(properties)
	})
}

func (a *alteration) setProperties(properties map[string]string) error {
	checked, features, err := checkProperties(properties)
	if err != nil {
		return err
	}
	if a.meta.Configuration == nil {
		a.meta.Configuration = make(map[string]string)
	}
	maps.Copy(a.meta.Configuration, checked)
	a.tx.require(features...)
	return nil
}

// UnsetProperties takes table properties away. One that the table does not have is a *PropertyError unless ifExists.
func (t *Table) UnsetProperties(ctx context.Context, ifExists bool, names ...string) (int64, error) {
	op := Operation{Name: "UNSET TBLPROPERTIES", Parameters: map[string]string{"properties": jsonList(names), "ifExists": strconv.FormatBool(ifExists)}}
	return t.alter(ctx, op, func(a *alteration) error {
		for _, name := range names {
			if err := a.unset(name, ifExists); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *alteration) unset(name string, ifExists bool) error {
	if strings.HasPrefix(strings.ToLower(name), constraintProperty) {
		return &PropertyError{name, "", "a constraint is dropped with DropConstraint"}
	}
	for k, v := range a.meta.Configuration {
		if !strings.EqualFold(k, name) || k != name && !strings.HasPrefix(strings.ToLower(k), "delta.") {
			continue
		}
		if deltaProperties()[k].own {
			return &PropertyError{k, v, "the protocol keeps it itself: it cannot be unset"}
		}
		delete(a.meta.Configuration, k)
		return nil
	}
	if !ifExists {
		return &PropertyError{name, "", "the table does not have it"}
	}
	return nil
}
