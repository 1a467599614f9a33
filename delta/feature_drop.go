package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// barrierCheckpoints is how many checkpoints keep readers that do not know a feature from the versions that needed it.
const barrierCheckpoints = 3

// AddFeature lets the table have a feature, by the protocol's name; the protocol rises to what it needs. What turns it on is a property or a column that asks
// for it. It returns the commit's version.
func (t *Table) AddFeature(ctx context.Context, name string) (int64, error) {
	return t.SetProperties(ctx, map[string]string{featureProperty + name: "supported"})
}

// DropFeature takes a feature from the protocol, after what the table holds of it: deletion vectors are purged, files of other names or types written anew, the
// properties unset. Versions before stay readable to those that know the feature: of one that readers must know, checkpoints are written, and the feature
// checkpointProtection lets nobody take them away. What only its owner can take away (constraints, columns) is an error that says so. It returns the version.
func (t *Table) DropFeature(ctx context.Context, name string) (version int64, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("delta: drop feature %s of %s: %w", name, t.Name(), err)
		}
	}()
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	f, err := s.droppable(name)
	if err != nil {
		return 0, err
	}
	if err := t.clear(ctx, f); err != nil {
		return 0, err
	}
	guarded := f.reader && f.name != "vacuumProtocolCheck"
	if guarded {
		for range barrierCheckpoints {
			if err := t.emptyCheckpoint(ctx); err != nil {
				return 0, err
			}
		}
	}
	if version, err = t.lowerProtocol(ctx, f, guarded); err != nil || !guarded {
		return version, err
	}
	return version, t.checkpointNewest(ctx)
}

// droppable finds the feature that the table has under a name, and refuses one that another feature of its needs.
func (s *Snapshot) droppable(name string) (*feature, error) {
	i := slices.IndexFunc(features, func(f feature) bool { return strings.EqualFold(f.name, name) })
	if i < 0 || !s.protocol.supports(features[i].name) {
		return nil, errors.New("the table does not have it")
	}
	f := &features[i]
	for _, other := range features {
		if slices.Contains(other.needs, f.name) && s.protocol.supports(other.name) {
			return nil, fmt.Errorf("the table's feature %s needs it: drop that first", other.name)
		}
	}
	switch f.name {
	case "clustering", "icebergCompatV1", "icebergCompatV2", "icebergCompatV3", "catalogManaged":
		return nil, errors.New("it cannot be dropped")
	case "checkpointProtection":
		return nil, errors.New("it keeps versions readable that needed a feature dropped before, and goes when these versions have been cleaned up")
	}
	return f, nil
}

// clear takes away what the table holds of a feature.
func (t *Table) clear(ctx context.Context, f *feature) (err error) {
	switch f.name {
	case "columnMapping":
		_, err = t.unmap(ctx)
	case "typeWidening", "typeWidening-preview":
		_, err = t.rewriteNarrow(ctx)
	case "v2Checkpoint":
		_, err = t.SetProperties(ctx, map[string]string{"delta.checkpointPolicy": "classic"})
	case "deletionVectors":
		if _, err = t.UnsetProperties(ctx, true, f.property); err == nil {
			_, err = t.Reorg(ctx, "", OptimizeOptions{})
		}
	default:
		if f.property != "" {
			_, err = t.UnsetProperties(ctx, true, f.property)
		}
	}
	return err
}

// lowerProtocol is the commit that takes the feature from the protocol, if nothing in the table needs it any more.
func (t *Table) lowerProtocol(ctx context.Context, f *feature, guarded bool) (int64, error) {
	op := Operation{Name: "DROP FEATURE", Rearranges: true, Parameters: map[string]string{"featureName": f.name, "truncateHistory": "false"}}
	return t.alter(ctx, op, func(a *alteration) error {
		if reason := a.tx.base.traces(f.name); reason != "" {
			return errors.New(reason)
		}
		a.tx.dropped, a.tx.alone = f.name, true
		if a.meta.Configuration == nil {
			a.meta.Configuration = make(map[string]string)
		}
		if guarded {
			a.tx.require("checkpointProtection")
			a.meta.Configuration[protectedBeforeKey] = strconv.FormatInt(a.tx.base.version+1, 10)
		}
		for _, key := range ownProperties(f.name) {
			delete(a.meta.Configuration, key)
		}
		return a.tx.dropTraces(f.name)
	})
}

// ownProperties are what a feature keeps in the table's properties.
func ownProperties(feature string) []string {
	switch feature {
	case "columnMapping":
		return []string{mappingModeKey, maxColumnIDKey}
	case "inCommitTimestamp":
		return []string{"delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp"}
	case "rowTracking":
		return []string{rowTrackingSuspended, rowIDNameKey, rowVersionNameKey}
	default:
		return nil
	}
}

// dropTraces takes away, in the commit itself, what files and domains hold of the feature.
func (tx *Transaction) dropTraces(feature string) error {
	switch feature {
	case "rowTracking":
		for f := range tx.base.Files() {
			if f.more == nil || f.more.baseRowID == nil && f.more.defaultRowCommitVersion == nil {
				continue
			}
			bare, more := *f, *f.more
			more.baseRowID, more.defaultRowCommitVersion = nil, nil
			bare.more, bare.DataChange = more.orNil(), false
			tx.addAgain(&bare)
		}
		tx.setDomain(domain{name: rowTrackingDomain, removed: true})
	case "domainMetadata":
		for name := range tx.base.domains {
			tx.setDomain(domain{name: name, removed: true})
		}
	}
	return nil
}

// traces says what of the table needs a feature; empty: nothing does.
func (s *Snapshot) traces(feature string) string {
	if slices.Contains(s.metadata.wants(), feature) {
		return "a property, a constraint or a column of the table needs it: take that away first"
	}
	switch feature {
	case "deletionVectors":
		for f := range s.Files() {
			if f.vector() != nil {
				return "file " + f.Path + " has a deletion vector: try again"
			}
		}
	case "invariants":
		found := strings.Contains(s.metadata.SchemaString, invariantKey)
		eachField(s.Schema().Fields(), func(_ []string, f arrow.Field) { found = found || !f.Nullable })
		if found {
			return "a column is NOT NULL or has an invariant"
		}
	case "typeWidening", "typeWidening-preview":
		if strings.Contains(s.metadata.SchemaString, typeChangesKey) {
			return "a column has changed its type: try again"
		}
	}
	return ""
}

// emptyCheckpoint commits nothing and writes a checkpoint of it.
func (t *Table) emptyCheckpoint(ctx context.Context) error {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return err
	}
	if _, err := t.Begin(s, Operation{Name: "Empty Commit", Rearranges: true}).Commit(ctx); err != nil {
		return err
	}
	return t.checkpointNewest(ctx)
}

func (t *Table) checkpointNewest(ctx context.Context) error {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return err
	}
	return t.Checkpoint(ctx, s)
}
