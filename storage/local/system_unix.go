//go:build unix

package local

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkSystemKey has nothing to refuse beyond what storage.CheckKey does.
func checkSystemKey(string) error { return nil }

// flushDir makes the names in a directory durable.
func flushDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // a file system that has no such notion: names are as durable as it makes them
	}
	return errors.Join(err, f.Close())
}

// fileID is the inode number.
func fileID(stat fs.FileInfo) uint64 {
	if s, ok := stat.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}
