//go:build !linux && !darwin && !windows

package local

import "errors"

// renameNoReplace is not to be had here.
func renameNoReplace(string, string) error { return errors.ErrUnsupported }
