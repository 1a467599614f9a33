package s3

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/medallion-go/medallion/storage"
)

const (
	maxParts     = 10_000 // of one upload, as S3 allows
	abortTimeout = time.Minute
)

// upload is a multipart upload under way. Its goroutines end with sendLast or abort.
type upload struct {
	ctx       context.Context // ends when a part fails
	cancel    context.CancelCauseFunc
	store     *Store
	objectKey string
	id        string
	mark      string
	slots     chan []byte // one buffer, nil at first, for each part that may be on its way
	sent      int32

	wg    sync.WaitGroup
	mu    sync.Mutex
	parts []types.CompletedPart
}

func (s *Store) newUpload(ctx context.Context, objectKey string) (*upload, error) {
	u := &upload{store: s, objectKey: objectKey, mark: s.newID(), slots: make(chan []byte, s.cfg.Parallel)}
	in := &s3.CreateMultipartUploadInput{Bucket: &s.cfg.Bucket, Key: &objectKey, Metadata: map[string]string{markName: u.mark}}
	in.ServerSideEncryption, in.SSEKMSKeyId = s.encryption()
	if !s.cfg.NoChecksums {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc32c
	}
	err := s.retry(ctx, func() error {
		out, err := s.client.CreateMultipartUpload(ctx, in)
		if err == nil {
			u.id = aws.ToString(out.UploadId)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for range s.cfg.Parallel {
		u.slots <- nil
	}
	u.ctx, u.cancel = context.WithCancelCause(ctx)
	return u, nil
}

// send takes a part over as soon as one more may be on its way, and returns the buffer of one that is up, if there is one.
func (u *upload) send(part []byte) (empty []byte, err error) {
	if err := context.Cause(u.ctx); err != nil {
		return nil, err
	}
	if u.sent == maxParts {
		return nil, fmt.Errorf("the object has more than %d parts of %d bytes; raise Config.PartSize", maxParts, u.store.cfg.PartSize)
	}
	select {
	case <-u.ctx.Done():
		return nil, context.Cause(u.ctx)
	case empty = <-u.slots:
	}
	u.sent++
	number := u.sent
	u.wg.Go(func() {
		if err := u.put(number, part); err != nil {
			u.cancel(fmt.Errorf("part %d: %w", number, err))
		}
		u.slots <- part
	})
	return empty[:0], nil
}

func (u *upload) put(number int32, part []byte) error {
	s := u.store
	sum := s.checksum(part)
	return s.retry(u.ctx, func() error {
		out, err := s.client.UploadPart(u.ctx, &s3.UploadPartInput{
			Bucket: &s.cfg.Bucket, Key: &u.objectKey, UploadId: &u.id, PartNumber: &number,
			Body: bytes.NewReader(part), ContentLength: aws.Int64(int64(len(part))), ChecksumCRC32C: sum,
		}, s.checkedBody)
		if err != nil {
			return err
		}
		u.mu.Lock()
		defer u.mu.Unlock()
		u.parts = append(u.parts, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32C: sum})
		return nil
	})
}

// sendLast returns once all parts are up, one has failed, or ctx has ended.
func (u *upload) sendLast(ctx context.Context, part []byte) error {
	stop := context.AfterFunc(ctx, func() { u.cancel(ctx.Err()) })
	defer stop()
	_, err := u.send(part)
	u.wg.Wait()
	return errors.Join(err, context.Cause(u.ctx))
}

// complete makes S3 join the parts. After a lost answer the upload is gone, and the mark tells whether the object is ours.
func (u *upload) complete(ctx context.Context, key string, size int64) (storage.Info, error) {
	defer u.cancel(nil)
	slices.SortFunc(u.parts, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) })
	in := &s3.CompleteMultipartUploadInput{
		Bucket: &u.store.cfg.Bucket, Key: &u.objectKey, UploadId: &u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	}
	open := false // an attempt may have had its effect
	var out *s3.CompleteMultipartUploadOutput
	err := u.store.retry(ctx, func() (err error) {
		out, err = u.store.client.CompleteMultipartUpload(ctx, in)
		open = open || err != nil && classify(err) == unknown
		return err
	})
	switch {
	case err == nil:
		return u.store.writtenInfo(ctx, key, size, out.ETag, out.ResultMetadata)
	case open:
		return u.decide(ctx, key, err)
	}
	return storage.Info{}, err
}

// decide looks whether the object is ours after attempts to complete it whose outcome is open.
func (u *upload) decide(ctx context.Context, key string, err error) (storage.Info, error) {
	if ctx.Err() != nil {
		return storage.Info{}, undecided(err)
	}
	found, headErr := u.store.head(ctx, u.objectKey)
	if headErr == nil && found.Metadata[markName] == u.mark {
		return headInfo(key, found), nil
	}
	return storage.Info{}, undecided(errors.Join(err, headErr))
}

// abort stops the parts and removes them from the server, also after the context of the upload has ended.
func (u *upload) abort() error {
	u.cancel(context.Canceled)
	u.wg.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), abortTimeout)
	defer cancel()
	err := u.store.retry(ctx, func() error {
		_, err := u.store.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &u.store.cfg.Bucket, Key: &u.objectKey, UploadId: &u.id})
		return err
	})
	if codeOf(err) == "NoSuchUpload" {
		return nil
	}
	return err
}
