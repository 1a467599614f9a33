package delta

import (
	"context"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// commitMark recognises a commit's object again, and tells it from another under its name: that of a table which was put in the place of one.
type commitMark struct {
	size     int64 // bytes; -1: the object is not known
	etag     string
	modified time.Time
	txnID    string // of a commit of our own, whose object was never looked at
}

func markOf(i storage.Info) commitMark {
	return commitMark{size: i.Size, etag: i.ETag, modified: i.ModTime}
}

// matches reports whether a listing has the object still, as far as the mark knows it.
func (m commitMark) matches(i storage.Info) bool {
	switch {
	case m.size != i.Size:
		return false
	case m.txnID != "":
		return true
	case m.etag != "" || i.ETag != "":
		return m.etag == i.ETag
	default:
		return m.modified.Equal(i.ModTime)
	}
}

// isKept reports whether the log still has the commit that the kept snapshot ends with. Of a commit of our own only the size is known at first; after a while that alone
// does not tell, and the commit is read.
func (t *Table) isKept(ctx context.Context, kept *Snapshot, now commitFile) (bool, error) {
	if now.version != kept.version || !kept.mark.matches(now.info) {
		return false, nil
	}
	if kept.mark.txnID == "" || t.config.Clock().Sub(kept.seen) < t.config.Freshness {
		return true, nil
	}
	a, err := t.log.tryCommit(ctx, kept.version)
	return a != nil && parseCommitInfo(a.info).TxnID == kept.mark.txnID, err
}
