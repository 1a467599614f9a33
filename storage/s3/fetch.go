package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/medallion-go/medallion/storage"
)

// fetchTail asks for the last bytes of an object, whatever its size.
func (s *Store) fetchTail(ctx context.Context, key, objectKey string) (info storage.Info, tail window, err error) {
	in := &s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: &objectKey, Range: aws.String(fmt.Sprintf("bytes=-%d", s.cfg.Tail))}
	err = s.retry(ctx, func() error {
		out, err := s.client.GetObject(ctx, in)
		if err != nil {
			return err
		}
		defer out.Body.Close()
		size := aws.ToInt64(out.ContentLength)
		tail = window{}
		if out.ContentRange != nil && size > 0 { // of an empty object, some servers answer with a range of -1 bytes
			if tail.off, size, err = parseRange(*out.ContentRange); err != nil {
				return err
			}
		}
		info = storage.Info{Key: key, Size: size, ModTime: aws.ToTime(out.LastModified).UTC(), ETag: unquote(out.ETag)}
		tail.data = make([]byte, min(size-tail.off, int64(s.cfg.Tail)))
		return readBody(out.Body, tail.data)
	})
	if statusOf(err) == http.StatusRequestedRangeNotSatisfiable { // an empty object has no last byte
		return s.emptyInfo(ctx, key, objectKey)
	}
	if int64(len(tail.data)) < info.Size-tail.off { // a server that knows no ranges from the end sent the beginning
		return info, window{off: info.Size}, err
	}
	return info, tail, err
}

func (s *Store) emptyInfo(ctx context.Context, key, objectKey string) (storage.Info, window, error) {
	found, err := s.head(ctx, objectKey)
	if err != nil {
		return storage.Info{}, window{}, err
	}
	info := headInfo(key, found)
	return info, window{off: info.Size}, nil
}

// fetchRange fills p. An answer that breaks off is continued where it did.
func (s *Store) fetchRange(ctx context.Context, o *object, p []byte, off int64) error {
	in := &s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: &o.objectKey}
	if o.info.ETag != "" {
		in.IfMatch = aws.String(strconv.Quote(o.info.ETag))
	}
	done := 0
	err := s.retry(ctx, func() error {
		start := off + int64(done)
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", start, off+int64(len(p))-1))
		out, err := s.client.GetObject(ctx, in)
		if err != nil {
			return err
		}
		defer out.Body.Close()
		if err := o.checkAnswer(out, start); err != nil {
			return err
		}
		n, err := io.ReadFull(out.Body, p[done:])
		done += n
		if err != nil {
			return &bodyError{err: err}
		}
		return nil
	})
	if err != nil && classify(err) == failed || statusOf(err) == http.StatusRequestedRangeNotSatisfiable {
		return storage.ErrChanged
	}
	return err
}

// checkAnswer does not rely on servers to know If-Match, which not all of them do.
func (o *object) checkAnswer(out *s3.GetObjectOutput, start int64) error {
	if etag := unquote(out.ETag); etag != o.info.ETag {
		return fmt.Errorf("%w: its ETag was %s and is now %s", storage.ErrChanged, o.info.ETag, etag)
	}
	first, _, err := parseRange(aws.ToString(out.ContentRange))
	if err != nil {
		return err
	}
	if first != start {
		return errNoRange
	}
	return nil
}

func readBody(body io.Reader, p []byte) error {
	if _, err := io.ReadFull(body, p); err != nil {
		return &bodyError{err: err}
	}
	return nil
}

// parseRange reads "bytes 0-9/10".
func parseRange(contentRange string) (first, size int64, err error) {
	text, ok := strings.CutPrefix(contentRange, "bytes ")
	span, total, ok2 := strings.Cut(text, "/")
	from, to, ok3 := strings.Cut(span, "-")
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	size, err3 := strconv.ParseInt(total, 10, 64)
	if !ok || !ok2 || !ok3 || errors.Join(err1, err2, err3) != nil || first < 0 || last < first || size <= last {
		return 0, 0, fmt.Errorf("%w: Content-Range %q", errNoRange, contentRange)
	}
	return first, size, nil
}
