package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/medallion-go/medallion/storage"
)

// markName is the metadata that holds the mark of the write that made an object (x-amz-meta-medallion-write).
const markName = "medallion-write"

// PutIfAbsent creates the object by a conditional write. Attempts without a clear answer are repeated with the same mark; storage.ErrUndecided is left
// for the case that no answer came and the object is not there, or cannot be looked at: the last attempt may still be on its way.
func (s *Store) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	objectKey, err := s.objectKey(ctx, key)
	if err == nil {
		err = s.probeOnce(ctx)
	}
	if err == nil {
		err = s.putIfAbsent(ctx, objectKey, data)
	}
	if err != nil {
		return s.opError("put", key, err)
	}
	return nil
}

func (s *Store) putIfAbsent(ctx context.Context, objectKey string, data []byte) error {
	mark := s.newID()
	open := false // an attempt may have had its effect
	for attempt := 1; ; attempt++ {
		_, err := s.putObject(ctx, objectKey, mark, data, aws.String("*"))
		if err == nil {
			return nil
		}
		c := classify(err)
		if c == failed && !open {
			return storage.ErrExists
		}
		if c == refused && !open {
			return err
		}
		open = open || c == unknown
		pauseErr := s.pause(ctx, attempt)
		if c == failed || c == refused || pauseErr != nil || attempt >= s.cfg.MaxAttempts {
			if err = errors.Join(pauseErr, err); !open {
				return err
			}
			return s.decide(ctx, objectKey, mark, err)
		}
	}
}

// decide looks whose object lies under the key after attempts whose outcome is open, the last of which failed with err.
func (s *Store) decide(ctx context.Context, objectKey, mark string, err error) error {
	if ctx.Err() != nil {
		return undecided(err)
	}
	found, headErr := s.head(ctx, objectKey)
	switch {
	case headErr != nil:
		return undecided(errors.Join(err, headErr))
	case found.Metadata[markName] == mark:
		return nil
	}
	return storage.ErrExists
}

// putObject makes one attempt to write a whole object. A nil condition replaces what is there.
func (s *Store) putObject(ctx context.Context, objectKey, mark string, data []byte, ifNoneMatch *string) (*s3.PutObjectOutput, error) {
	in := &s3.PutObjectInput{
		Bucket:         &s.cfg.Bucket,
		Key:            &objectKey,
		Body:           bytes.NewReader(data),
		ContentLength:  aws.Int64(int64(len(data))),
		IfNoneMatch:    ifNoneMatch,
		ChecksumCRC32C: s.checksum(data),
		Metadata:       map[string]string{markName: mark},
	}
	in.ServerSideEncryption, in.SSEKMSKeyId = s.encryption()
	return s.client.PutObject(ctx, in, s.checkedBody)
}

func (s *Store) head(ctx context.Context, objectKey string) (out *s3.HeadObjectOutput, err error) {
	err = s.retry(ctx, func() error {
		out, err = s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.cfg.Bucket, Key: &objectKey})
		return err
	})
	return out, err
}

func (s *Store) encryption() (types.ServerSideEncryption, *string) {
	if s.cfg.SSEKMSKeyID == "" {
		return "", nil
	}
	return types.ServerSideEncryptionAwsKms, &s.cfg.SSEKMSKeyID
}

// checksum is the CRC-32C of a body as S3 writes it, or nil.
func (s *Store) checksum(data []byte) *string {
	if s.cfg.NoChecksums {
		return nil
	}
	sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return aws.String(base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum)))
}

// checkedBody saves the SHA-256 of a body in the signature where TLS and the CRC-32C protect it already.
func (s *Store) checkedBody(o *s3.Options) {
	if s.cfg.NoChecksums || strings.HasPrefix(s.cfg.Endpoint, "http://") {
		return
	}
	o.APIOptions = append(slices.Clip(o.APIOptions), v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
}

// writtenInfo describes an object that has just been written. The answer to a write does not tell the object's time; the server's clock does to the
// second, and where it is not told either, the object is asked.
func (s *Store) writtenInfo(ctx context.Context, key string, size int64, etag *string, answer middleware.Metadata) (storage.Info, error) {
	if now, ok := awsmiddleware.GetServerTime(answer); ok {
		return storage.Info{Key: key, Size: size, ModTime: now.UTC(), ETag: unquote(etag)}, nil
	}
	found, err := s.head(ctx, s.prefix+key)
	if err != nil {
		return storage.Info{}, fmt.Errorf("the object is written, but its time is not known: %w", undecided(err))
	}
	return headInfo(key, found), nil
}

func headInfo(key string, h *s3.HeadObjectOutput) storage.Info {
	return storage.Info{Key: key, Size: aws.ToInt64(h.ContentLength), ModTime: aws.ToTime(h.LastModified).UTC(), ETag: unquote(h.ETag)}
}
