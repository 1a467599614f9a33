// Package s3 keeps objects in a bucket of Amazon S3 or of a server that speaks its protocol.
//
// PutIfAbsent is a conditional write (If-None-Match: *). Every write carries a mark of its own in the object's metadata, so that a lost response is
// resolved by looking: a repeated write that meets its own object has succeeded, one that meets another's has lost. Servers that take the condition
// and ignore it would let two writers win; they are found by Probe, which the first PutIfAbsent on an Endpoint runs by itself.
//
// What the store cannot do: see objects whose keys are none here (a "folder" named a/, a key with an empty component), and work on S3 directory
// buckets, which do not list in order. Multipart uploads that a crash leaves behind cost storage until the bucket's AbortIncompleteMultipartUpload
// lifecycle rule removes them; set one.
package s3

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/storage"
)

// maxKey is the length in bytes that S3 allows a key.
const maxKey = 1024

// Store is a storage.Store in a bucket.
type Store struct {
	cfg    Config // without zero fields
	client *s3.Client
	prefix string // empty, or ends in a slash
	newID  func() string
	probed atomic.Bool
}

var (
	_ storage.Store   = (*Store)(nil)
	_ storage.Locator = (*Store)(nil)
)

// New returns the store of a bucket, or every fault of the Config joined. It makes no request.
func New(cfg Config) (*Store, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, client: newClient(cfg), newID: uuid.NewString}
	if cfg.Prefix != "" {
		s.prefix = cfg.Prefix + "/"
	}
	s.probed.Store(cfg.Endpoint == "" || cfg.SkipProbe)
	return s, nil
}

// URL is s3://bucket/key, as the log of a Delta table holds it: not encoded.
func (s *Store) URL(key string) string { return "s3://" + s.cfg.Bucket + "/" + s.prefix + key }

// objectKey is the whole key in the bucket of a key that may be used, as long as ctx has not ended.
func (s *Store) objectKey(ctx context.Context, key string) (string, error) {
	if err := storage.CheckKey(key); err != nil {
		return "", err
	}
	if !utf8.ValidString(key) {
		return "", &storage.KeyError{Key: key, Reason: "is not UTF-8, which S3 demands"}
	}
	if n := len(s.prefix) + len(key); n > maxKey {
		return "", &storage.KeyError{Key: key, Reason: fmt.Sprintf("has %d bytes with the prefix of the store, and S3 allows %d", n, maxKey)}
	}
	return s.prefix + key, ctx.Err()
}

// unquote strips an ETag of its quotes, which not every answer of every server has.
func unquote(etag *string) string {
	if etag == nil {
		return ""
	}
	return strings.Trim(*etag, `"`)
}
