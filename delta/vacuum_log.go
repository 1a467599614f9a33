package delta

import (
	"context"
	"errors"
	"strconv"
)

// logged removes the files between the two commits that tell of it, and notes how far it came.
func (v *vacuum) logged(ctx context.Context, res *VacuumResult, files []VacuumedFile) error {
	if err := v.logStart(ctx, files); err != nil {
		return err
	}
	if err := v.remove(ctx, res, files); err != nil {
		return errors.Join(err, v.logEnd(context.WithoutCancel(ctx), "FAILED", nil))
	}
	if err := v.logEnd(ctx, "COMPLETED", res); err != nil {
		return err
	}
	return v.note(ctx)
}

// logs reports whether the run is told of in the log. Where a rule of the table keeps this package from any commit, removing files is possible still.
func (v *vacuum) logs(ctx context.Context) bool {
	if v.options.NoLog {
		return false
	}
	if err := checkWritable(v.table.Name(), v.snapshot.version, v.snapshot.protocol, v.snapshot.metadata); err != nil {
		v.table.warn(ctx, "delta: VACUUM leaves no commit", err)
		return false
	}
	return true
}

func (v *vacuum) logStart(ctx context.Context, files []VacuumedFile) error {
	if !v.logs(ctx) {
		return nil
	}
	parameters := map[string]string{
		"retentionCheckEnabled":  strconv.FormatBool(!v.options.Force),
		"defaultRetentionMillis": strconv.FormatInt(v.snapshot.retention("delta.deletedFileRetentionDuration", defaultTombstoneRetention).Milliseconds(), 10),
	}
	if v.options.Retention != 0 {
		parameters["specifiedRetentionMillis"] = strconv.FormatInt(v.keep.Milliseconds(), 10)
	}
	bytes := int64(0)
	for _, f := range files {
		bytes += f.Size
	}
	return v.commit(ctx, Operation{Name: "VACUUM START", Parameters: parameters}, map[string]int64{"numFilesToDelete": int64(len(files)), "sizeOfDataToDelete": bytes})
}

func (v *vacuum) logEnd(ctx context.Context, status string, res *VacuumResult) error {
	if !v.logs(ctx) {
		return nil
	}
	var metrics map[string]int64
	if res != nil {
		folders := max(len(v.folders), 1)
		metrics = map[string]int64{"numDeletedFiles": int64(len(res.Files)), "numVacuumedDirectories": int64(folders)}
	}
	return v.commit(ctx, Operation{Name: "VACUUM END", Parameters: map[string]string{"status": status}}, metrics)
}

func (v *vacuum) commit(ctx context.Context, op Operation, metrics map[string]int64) error {
	s, err := v.table.Snapshot(ctx)
	if err != nil {
		return err
	}
	tx := v.table.Begin(s, op)
	for name, n := range metrics {
		tx.AddMetric(name, n)
	}
	_, err = tx.Commit(ctx)
	return errors.Join(err, tx.Abort(ctx))
}
