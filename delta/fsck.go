package delta

import (
	"context"
	"errors"
	"fmt"
)

// RepairOptions says what FSCK REPAIR does. The zero RepairOptions is usable.
type RepairOptions struct {
	DryRun bool // nothing is committed
}

// RepairResult is what FSCK REPAIR found.
type RepairResult struct {
	Version int64    // the commit; the version that was looked at where nothing was committed
	Files   []string // that are gone, as in the log: the table's no longer, or, in a dry run, would be
	Vectors []string // files whose deletion vector is gone. They stay the table's, and cannot be read: which of their rows are deleted, nobody knows
}

// Repair removes from the table the files that somebody has removed from the store, and with them their rows, so that the rest can be read again (FSCK REPAIR
// TABLE). It conflicts with commits that remove the same files.
func (t *Table) Repair(ctx context.Context, o RepairOptions) (res *RepairResult, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	gone, err := s.missing(ctx, s.files().live)
	if err != nil {
		return nil, err
	}
	res = &RepairResult{Version: s.version}
	var remove []*File
	for _, f := range gone {
		bare := *f
		bare.more = nil
		there, err := s.isThere(ctx, &bare)
		switch {
		case err != nil:
			return nil, err
		case there:
			res.Vectors = append(res.Vectors, f.Path)
		default:
			remove = append(remove, f)
			res.Files = append(res.Files, f.Path)
		}
	}
	if o.DryRun || len(remove) == 0 {
		return res, nil
	}
	tx := t.Begin(s, Operation{Name: "FSCK", Parameters: map[string]string{"dryRun": "false"}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	tx.removeFiles(remove)
	if res.Version, err = tx.Commit(ctx); err != nil {
		return nil, fmt.Errorf("delta: repair %s: %w", t.Name(), err)
	}
	return res, nil
}
