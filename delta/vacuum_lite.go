package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"github.com/medallion-go/medallion/storage"
)

// lastVacuum is the file, beside the log, in which a run tells the next lite one how far it came. Spark's has this name and form too.
const lastVacuum = "_last_vacuum_info"

type vacuumInfo struct {
	Through *int64 `json:"latestCommitVersionOutsideOfRetentionWindow,omitempty"`
}

// logList gives the files that commits from before the retention removed, and the change data that they wrote, since the run before.
func (v *vacuum) logList(ctx context.Context) ([]VacuumedFile, error) {
	found, err := v.table.log.list(ctx, 0)
	if err != nil {
		return nil, err
	}
	commits, err := v.expired(ctx, found.commits)
	if err != nil || len(commits) == 0 {
		return nil, err
	}
	last, err := v.lastRun(ctx)
	if err != nil {
		return nil, err
	}
	if oldest := found.commits[0].version; oldest > 0 && last+1 < oldest {
		return nil, fmt.Errorf("%w: a lite run needs the log since the one before, and that begins with version %d: run a full one", ErrVersionNotFound, oldest)
	}
	var list []VacuumedFile
	listed := make(map[string]bool)
	p := newParser()
	for _, c := range commits {
		if c.version <= last {
			continue
		}
		a, err := v.table.log.readCommit(ctx, p, c.info.Key, c.version)
		if err != nil {
			return nil, err
		}
		for _, f := range v.toldBy(a) {
			if !v.used[f.key] && !listed[f.key] {
				listed[f.key] = true
				list = append(list, f)
			}
		}
	}
	return list, nil
}

// expired are the commits from before the retention, oldest first.
func (v *vacuum) expired(ctx context.Context, commits []commitFile) ([]commitFile, error) {
	byFile, inside := v.snapshot.splitAtEnablement(commits)
	times := monotonic(byFile)
	n := sort.Search(len(times), func(i int) bool { return !times[i].Before(v.before) })
	var fault error
	if n == len(byFile) {
		p := newParser()
		n += sort.Search(len(inside), func(i int) bool {
			if fault != nil {
				return true
			}
			var ms int64
			ms, fault = v.table.log.inCommitTime(ctx, p, inside[i].version)
			return ms >= v.before.UnixMilli()
		})
	}
	v.through = -1
	if n > 0 {
		v.through = commits[n-1].version
	}
	return commits[:n], fault
}

// toldBy are the files of a commit that go when it is from before the retention and no version since has them.
func (v *vacuum) toldBy(a *actions) (list []VacuumedFile) {
	for _, t := range a.removes {
		list = append(list, v.told(t)...)
	}
	for _, c := range a.changes {
		for _, f := range v.told(&tombstone{path: c.path, size: c.size}) {
			f.Reason = OldChangeData
			list = append(list, f)
		}
	}
	return list
}

// lastRun is the newest commit that the run before looked at, -1 where there was none or its note cannot be read.
func (v *vacuum) lastRun(ctx context.Context) (int64, error) {
	data, err := storage.ReadAll(ctx, v.table.store, v.table.log.key(lastVacuum))
	if errors.Is(err, storage.ErrNotFound) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	var info vacuumInfo
	if json.Unmarshal(data, &info) != nil || info.Through == nil {
		return -1, nil
	}
	return *info.Through, nil
}

// note tells the next lite run how far this one came. A full run, as Spark's, leaves the note as one that tells nothing.
func (v *vacuum) note(ctx context.Context) error {
	if v.options.NoLog {
		return nil
	}
	var info vacuumInfo
	if v.options.Lite && v.through >= 0 {
		info.Through = &v.through
	}
	data, err := json.Marshal(info)
	if err != nil {
		return err
	}
	w, err := v.table.store.Create(ctx, v.table.log.key(lastVacuum))
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Abort())
	}
	if _, err := w.Commit(ctx); err != nil {
		return errors.Join(err, w.Abort())
	}
	return nil
}
