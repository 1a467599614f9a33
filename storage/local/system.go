package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/medallion-go/medallion/storage"
)

// system is what a store asks of the operating system where systems differ, or where tests must see or make them fail.
type system struct {
	link     func(temp, path string) error
	rename   func(temp, path string) error // fails when path is taken; errors.ErrUnsupported where there is no such rename
	flushDir func(dir string) error
	readDir  func(dir string) ([]fs.DirEntry, error)
}

func realSystem() system {
	return system{link: os.Link, rename: renameNoReplace, flushDir: flushDir, readDir: readDir}
}

// claim gives a finished temporary file its name, or returns storage.ErrExists when that is taken. The temporary file may be there afterwards or not.
// The ways are tried in turn, because not every file system has hard links (FAT, some FUSE and SMB mounts). All are atomic but the last: where
// a system has neither links nor an exclusive rename, the name is claimed by O_EXCL. Then still exactly one writer wins, but a reader can see part of
// the object while it is written, and a crash can leave it so.
func (y system) claim(temp, path string) error {
	linkErr := y.link(temp, path)
	if linkErr == nil || isSameFile(temp, path) { // over NFS a link can be made and its response lost
		return nil
	}
	if errors.Is(linkErr, fs.ErrExist) {
		return taken(path)
	}
	err := y.rename(temp, path)
	if errors.Is(err, errors.ErrUnsupported) {
		err = copyExclusive(temp, path)
	}
	if errors.Is(err, fs.ErrExist) {
		return taken(path)
	}
	if err != nil {
		return fmt.Errorf("%w (and before that: %w)", err, linkErr)
	}
	return nil
}

// checkFree returns what PutIfAbsent must return when path is taken already.
func checkFree(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	return nil
}

// taken tells an object from a directory, which is a parent of objects and none itself.
func taken(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: other objects already have this key as a parent, and a file system cannot hold both", path)
	}
	return storage.ErrExists
}

func isSameFile(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func copyExclusive(temp, path string) (err error) {
	from, err := os.Open(temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return errors.Join(err, removeFile(path))
	}
	return nil
}
