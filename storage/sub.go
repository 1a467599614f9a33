package storage

import (
	"context"
	"iter"
	"strings"
)

// Sub returns the part of a store whose keys lie under prefix, with keys relative to it. It has a URL method if and only if s has one. Errors name
// the whole key. A prefix that is no key makes every call fail with a *KeyError.
func Sub(s Store, prefix string) Store {
	prefix = strings.TrimSuffix(prefix, "/")
	if prefix == "" {
		return s
	}
	switch p := s.(type) {
	case *sub:
		return &sub{store: p.store, prefix: p.prefix + prefix + "/"}
	case *locatedSub:
		return &locatedSub{sub: sub{store: p.store, prefix: p.prefix + prefix + "/"}, locator: p.locator}
	case Locator:
		return &locatedSub{sub: sub{store: s, prefix: prefix + "/"}, locator: p}
	}
	return &sub{store: s, prefix: prefix + "/"}
}

type sub struct {
	store  Store
	prefix string // ends in a slash
}

func (s *sub) Open(ctx context.Context, key string) (Object, error) {
	o, err := s.store.Open(ctx, s.prefix+key)
	if err != nil {
		return nil, err
	}
	return subObject{Object: o, sub: s}, nil
}

func (s *sub) Create(ctx context.Context, key string) (Writer, error) {
	w, err := s.store.Create(ctx, s.prefix+key)
	if err != nil {
		return nil, err
	}
	return subWriter{Writer: w, sub: s}, nil
}

func (s *sub) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	return s.store.PutIfAbsent(ctx, s.prefix+key, data)
}

func (s *sub) List(ctx context.Context, prefix, startAfter string) iter.Seq2[Info, error] {
	if startAfter != "" {
		startAfter = s.prefix + startAfter
	}
	return func(yield func(Info, error) bool) {
		for info, err := range s.store.List(ctx, s.prefix+prefix, startAfter) {
			if !yield(s.relative(info), err) {
				return
			}
		}
	}
}

func (s *sub) Delete(ctx context.Context, keys ...string) error {
	whole := make([]string, len(keys))
	for i, key := range keys {
		whole[i] = s.prefix + key
	}
	return s.store.Delete(ctx, whole...)
}

func (s *sub) relative(info Info) Info {
	info.Key = strings.TrimPrefix(info.Key, s.prefix)
	return info
}

// locatedSub is a sub of a store that has a Locator; a sub without one must not claim to have it.
type locatedSub struct {
	sub
	locator Locator
}

func (s *locatedSub) URL(key string) string { return s.locator.URL(s.prefix + key) }

type subObject struct {
	Object
	sub *sub
}

func (o subObject) Info() Info { return o.sub.relative(o.Object.Info()) }

type subWriter struct {
	Writer
	sub *sub
}

func (w subWriter) Commit(ctx context.Context) (Info, error) {
	info, err := w.Writer.Commit(ctx)
	return w.sub.relative(info), err
}
