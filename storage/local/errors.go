package local

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/medallion-go/medallion/storage"
)

// errNotDir is what the system says when a parent of a path is a file.
const errNotDir = syscall.ENOTDIR

// opError names the operation and the key, maps what callers branch on, and adds what to do about the rest; err itself names the path.
func opError(op, key string, err error) error {
	if hint := advice(err); hint != "" {
		return fmt.Errorf("local: %s %s: %w (%s)", op, key, err, hint)
	}
	return fmt.Errorf("local: %s %s: %w", op, key, err)
}

func advice(err error) string {
	switch {
	case errors.Is(err, storage.ErrExists), errors.Is(err, storage.ErrNotFound):
		return ""
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "free space there, raise the quota, or choose another root"
	case errors.Is(err, syscall.EFBIG):
		return "raise the limit on the size of files: ulimit -f"
	case errors.Is(err, fs.ErrPermission):
		return "give this process access to the path"
	case errors.Is(err, syscall.EROFS):
		return "the file system is mounted read-only"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files: ulimit -n"
	case errors.Is(err, syscall.ENAMETOOLONG):
		return "shorten the key: file systems hold 255 bytes between two slashes"
	case errors.Is(err, errNotDir):
		return "an object already has the name of a parent of this key, and a file system cannot hold both"
	}
	return ""
}
