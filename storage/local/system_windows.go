package local

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/medallion-go/medallion/storage"
)

// renameNoReplace renames a file unless the new name is taken.
func renameNoReplace(from, to string) error {
	fromPtr, err := syscall.UTF16PtrFromString(from)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	toPtr, err := syscall.UTF16PtrFromString(to)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	if err := syscall.MoveFile(fromPtr, toPtr); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// checkSystemKey refuses what Windows would understand otherwise: separators, drives, streams, devices, and trailing dots and spaces, which it drops.
func checkSystemKey(key string) error {
	if strings.ContainsAny(key, `\:`) || !filepath.IsLocal(filepath.FromSlash(key)) {
		return &storage.KeyError{Key: key, Reason: "is no file name on Windows"}
	}
	for name := range strings.SplitSeq(key, "/") {
		if strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
			return &storage.KeyError{Key: key, Reason: "has a component that ends in a dot or a space, which Windows drops"}
		}
	}
	return nil
}

// flushDir does nothing: NTFS keeps names in its journal, and Windows cannot flush a directory.
func flushDir(string) error { return nil }

// fileID is 0: Windows tells it only of open files, and lists would have to open each.
func fileID(fs.FileInfo) uint64 { return 0 }
