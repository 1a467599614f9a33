package delta

import (
	"context"
	"errors"
)

// doneAt reports whether the snapshot holds what the options' application has written under its version already.
func (o WriteOptions) doneAt(s *Snapshot) bool {
	if o.AppID == "" || s == nil {
		return false
	}
	done, ok := s.Txn(o.AppID)
	return ok && done >= o.AppVersion
}

// commitOnce commits a transaction that is done once for each application and version. Where another writer has done the same meanwhile, it is done, whichever
// conflict the two have met over first.
func (tx *Transaction) commitOnce(ctx context.Context, o WriteOptions) (int64, error) {
	version, err := tx.Commit(ctx)
	var lost *ConflictError
	if o.AppID == "" || !errors.As(err, &lost) {
		return version, err
	}
	s, lookErr := tx.table.Snapshot(ctx)
	if lookErr != nil {
		return 0, errors.Join(err, lookErr)
	}
	if o.doneAt(s) {
		return s.version, nil
	}
	return 0, err
}
