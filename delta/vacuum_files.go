package delta

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// list gives the files under the table that were modified before the retention and that no version since needs.
func (v *vacuum) list(ctx context.Context) ([]VacuumedFile, error) {
	root := v.table.log.root
	v.folders = make(map[string]bool)
	var list []VacuumedFile
	var tables []string // the folders of other tables under this one
	for o, err := range v.table.store.List(ctx, root, "") {
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(o.Key, root)
		if at := strings.Index(name, "/_delta_log/"); at >= 0 {
			if folder := root + name[:at+1]; !slices.Contains(tables, folder) {
				tables = append(tables, folder)
			}
		}
		if v.hidden(name) {
			continue
		}
		v.folders[path.Dir(name)] = true
		if !v.used[o.Key] && o.ModTime.Before(v.before) {
			list = append(list, VacuumedFile{Path: v.url(o.Key), Size: o.Size, Modified: o.ModTime, Reason: v.reason(o.Key), key: o.Key})
		}
	}
	return slices.DeleteFunc(list, func(f VacuumedFile) bool {
		return slices.ContainsFunc(tables, func(folder string) bool { return strings.HasPrefix(f.key, folder) })
	}), nil
}

func (v *vacuum) url(key string) string {
	if l, ok := v.table.store.(storage.Locator); ok {
		return l.URL(key)
	}
	return key
}

// reason is why a file that was found goes.
func (v *vacuum) reason(key string) VacuumReason {
	name := strings.TrimPrefix(key, v.table.log.root)
	reason, known := v.removed[key]
	switch {
	case strings.HasPrefix(name, changeDataFolder+"/"):
		return OldChangeData
	case known:
		return reason
	case strings.HasPrefix(path.Base(name), "deletion_vector_") && strings.HasSuffix(name, ".bin"):
		return UnusedVector
	default:
		return Unreferenced
	}
}

// hidden reports whether a name, relative to the table, is none of the table's files: a part of it begins with _ or ., and is neither the folder of a partition
// nor that of the change data.
func (v *vacuum) hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part != "" && (part[0] == '_' || part[0] == '.') && part != changeDataFolder && !v.isPartition(part) {
			return true
		}
	}
	return false
}

// isPartition reports whether a folder is that of a partition: it begins with the name of a partition column, or with that which it has in files.
func (v *vacuum) isPartition(folder string) bool {
	m := v.snapshot.metadata
	return slices.ContainsFunc(slices.Concat(m.PartitionColumns, m.partitionNames()), func(c string) bool {
		return strings.HasPrefix(folder, string(appendHiveEscaped(nil, c))+"=")
	})
}

// changeDataFolder holds change data, which no tombstone tells of: its files stay for the retention after they were written.
const changeDataFolder = "_change_data"

// use finds the live files, those removed since the retention, and their deletion vectors, which all stay; and notes which files were removed before.
func (v *vacuum) use() error {
	set := v.snapshot.files()
	v.used, v.removed = make(map[string]bool, len(set.live)), make(map[string]VacuumReason)
	for _, f := range set.live {
		if err := v.useFile(f.Path, f.more); err != nil {
			return err
		}
	}
	for _, t := range set.tombstones {
		if t.deletionTimestamp >= v.before.UnixMilli() {
			if err := v.useFile(t.path, t.more); err != nil {
				return err
			}
			continue
		}
		for _, f := range v.told(t) {
			v.removed[f.key] = f.Reason
		}
	}
	return nil
}

// told are the files under the table that a tombstone tells of by their relative paths. What has a whole address may be that of a table which this one is a
// clone of, and which may lie under it.
func (v *vacuum) told(t *tombstone) (list []VacuumedFile) {
	add := func(path string, size int64, reason VacuumReason) {
		if isAbsolute(canonicalPath(path)) {
			return
		}
		if key, err := v.table.objectKey(path); err == nil {
			list = append(list, VacuumedFile{Path: v.url(key), Size: size, Reason: reason, key: key})
		}
	}
	add(t.path, t.size, RemovedFile)
	if t.more == nil || t.more.vector == nil {
		return list
	}
	if file, err := t.more.vector.path(); err == nil && file != "" {
		add(file, t.more.vector.sizeInBytes, RemovedVector)
	}
	return list
}

// useCommit has the files stay that a commit adds or removes, and their deletion vectors.
func (v *vacuum) useCommit(a *actions) error {
	for _, f := range a.adds {
		if err := v.useFile(f.Path, f.more); err != nil {
			return err
		}
	}
	for _, t := range a.removes {
		if err := v.useFile(t.path, t.more); err != nil {
			return err
		}
	}
	return nil
}

func (v *vacuum) useFile(path string, more *fileMore) error {
	if err := v.usePath(path); err != nil || more == nil || more.vector == nil {
		return err
	}
	file, err := more.vector.path()
	if err != nil {
		return v.snapshot.corrupt("file "+path, err)
	}
	if file == "" {
		return nil
	}
	return v.usePath(file)
}

// usePath adds the key of a path in the log. An absolute path that the store does not know by this address may be the table's under another, such as s3a: for
// s3:, so whatever ends like it stays.
func (v *vacuum) usePath(path string) error {
	key, err := v.table.objectKey(path)
	var outside *UnsupportedError
	switch {
	case errors.As(err, &outside):
		v.useEnding(canonicalPath(path))
		return nil
	case err != nil:
		return err
	}
	v.used[key] = true
	return nil
}

func (v *vacuum) useEnding(path string) {
	root := v.table.log.root
	if _, rest, ok := strings.Cut(path, "://"); ok {
		path = rest
	}
	if root == "" {
		_, rest, _ := strings.Cut(path, "/")
		v.used[rest] = true
	} else if at := strings.LastIndex(path, "/"+root); at >= 0 {
		v.used[path[at+1:]] = true
	}
}
