package storage

import (
	"fmt"
	"strings"
)

// KeyError says that a key cannot name an object, whatever the store.
type KeyError struct {
	Key    string
	Reason string
}

// Error says which key, what is wrong with it and what a key looks like.
func (e *KeyError) Error() string {
	return fmt.Sprintf("storage: key %q %s; keys are relative and slash-separated, like orders/part-0.parquet", e.Key, e.Reason)
}

// CheckKey returns a *KeyError for a key that is empty or absolute, holds a NUL, or has an empty, "." or ".." component. A key that passes cannot
// climb out of the place that a store keeps its objects in.
func CheckKey(key string) error {
	if key == "" {
		return &KeyError{Key: key, Reason: "is empty"}
	}
	if strings.HasSuffix(key, "/") {
		return &KeyError{Key: key, Reason: "ends in a slash"}
	}
	return checkComponents(key, key)
}

// CheckPrefix is CheckKey for the prefix of a List: it may be empty, end in a slash, or end within a component.
func CheckPrefix(prefix string) error {
	i := strings.LastIndexByte(prefix, '/')
	if i < 0 {
		return checkNUL(prefix)
	}
	if err := checkNUL(prefix[i+1:]); err != nil {
		return err
	}
	return checkComponents(prefix, prefix[:i])
}

// Join joins the parts with single slashes and leaves out empty ones: Join("t", "_delta_log/", "x") is "t/_delta_log/x". It resolves no "..".
func Join(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, p := range parts {
		if p = strings.Trim(p, "/"); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "/")
}

func checkComponents(key, path string) error {
	if strings.HasPrefix(path, "/") || path == "" {
		return &KeyError{Key: key, Reason: "begins with a slash"}
	}
	for c := range strings.SplitSeq(path, "/") {
		switch c {
		case "":
			return &KeyError{Key: key, Reason: "has an empty component"}
		case ".", "..":
			return &KeyError{Key: key, Reason: fmt.Sprintf("has the component %q", c)}
		}
	}
	return checkNUL(key)
}

func checkNUL(key string) error {
	if strings.IndexByte(key, 0) >= 0 {
		return &KeyError{Key: key, Reason: "holds a NUL byte"}
	}
	return nil
}
