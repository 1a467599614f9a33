package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/medallion-go/medallion/storage"
)

// errOrder says that a server lists in another order than that of the keys' bytes, which startAfter and the Delta log depend on.
var errOrder = errors.New("the server lists keys out of order; S3 directory buckets do so, and are not supported")

// List yields the objects page by page, 1,000 a request. Objects whose keys are no keys of a store (a/, a//b) are left out.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckPrefix(prefix); err != nil {
			yield(storage.Info{}, s.opError("list", prefix, err))
			return
		}
		last, first := "", true
		for page, err := range s.pages(ctx, prefix, startAfter) {
			if err != nil {
				yield(storage.Info{}, s.opError("list", prefix, err))
				return
			}
			for _, object := range page.Contents {
				info, err := s.listedInfo(page, object)
				if err == nil && !first && info.Key <= last {
					err = errOrder
				}
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					yield(storage.Info{}, s.opError("list", prefix, err))
					return
				}
				last, first = info.Key, false
				if storage.CheckKey(info.Key) == nil && !yield(info, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) pages(ctx context.Context, prefix, startAfter string) iter.Seq2[*s3.ListObjectsV2Output, error] {
	in := &s3.ListObjectsV2Input{Bucket: &s.cfg.Bucket, Prefix: aws.String(s.prefix + prefix), EncodingType: types.EncodingTypeUrl}
	if startAfter != "" {
		in.StartAfter = aws.String(s.prefix + startAfter)
	}
	return func(yield func(*s3.ListObjectsV2Output, error) bool) {
		for {
			var page *s3.ListObjectsV2Output
			err := s.retry(ctx, func() (err error) {
				page, err = s.client.ListObjectsV2(ctx, in)
				return err
			})
			if !yield(page, err) || err != nil || !aws.ToBool(page.IsTruncated) {
				return
			}
			if in.ContinuationToken = page.NextContinuationToken; aws.ToString(in.ContinuationToken) == "" {
				yield(nil, errors.New("the server says that the list goes on, and not where"))
				return
			}
		}
	}
}

// listedInfo undoes the encoding of keys that XML cannot hold, where the server has understood the request for it.
func (s *Store) listedInfo(page *s3.ListObjectsV2Output, object types.Object) (storage.Info, error) {
	key := aws.ToString(object.Key)
	if page.EncodingType == types.EncodingTypeUrl {
		decoded, err := url.QueryUnescape(key)
		if err != nil {
			return storage.Info{}, fmt.Errorf("the server lists the key %q, which is not encoded as it says: %w", key, err)
		}
		key = decoded
	}
	key, found := strings.CutPrefix(key, s.prefix)
	if !found {
		return storage.Info{}, fmt.Errorf("the server lists the key %q, which does not have the prefix", key)
	}
	return storage.Info{Key: key, Size: aws.ToInt64(object.Size), ModTime: aws.ToTime(object.LastModified).UTC(), ETag: unquote(object.ETag)}, nil
}
