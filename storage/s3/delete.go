package s3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	deleteBatch = 1000 // keys in one request, as S3 allows
	shownErrors = 5
)

// Delete removes the objects, 1,000 a request. It goes on after a batch that fails and returns all errors.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	objectKeys := make([]string, len(keys))
	for i, key := range keys {
		objectKey, err := s.objectKey(ctx, key)
		if err != nil {
			return s.opError("delete", key, err)
		}
		objectKeys[i] = objectKey
	}
	single := objectKeys[:0:0]
	many := objectKeys[:0:0]
	for _, key := range objectKeys {
		if isXML(key) {
			many = append(many, key)
		} else {
			single = append(single, key)
		}
	}
	var errs []error
	for batch := range slices.Chunk(many, deleteBatch) {
		errs = append(errs, s.delete(ctx, batch))
	}
	for _, key := range single {
		errs = append(errs, s.delete(ctx, []string{key}))
	}
	if err := errors.Join(errs...); err != nil {
		return s.opError("delete", storedName(keys), err)
	}
	return nil
}

// delete removes up to deleteBatch objects by one request, which may be repeated.
func (s *Store) delete(ctx context.Context, objectKeys []string) error {
	if len(objectKeys) == 1 {
		return s.retry(ctx, func() error {
			_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: &objectKeys[0]})
			return err
		})
	}
	left := objectKeys
	for attempt := 1; ; attempt++ {
		failures, err := s.deleteOnce(ctx, left)
		if err != nil {
			return err
		}
		if left = repeatable(failures); len(left) == 0 || len(left) < len(failures) || attempt >= s.cfg.MaxAttempts {
			return deleteError(failures)
		}
		if err := s.pause(ctx, attempt); err != nil {
			return errors.Join(err, deleteError(failures))
		}
	}
}

func (s *Store) deleteOnce(ctx context.Context, objectKeys []string) (failures []types.Error, err error) {
	ids := make([]types.ObjectIdentifier, len(objectKeys))
	for i := range objectKeys {
		ids[i].Key = &objectKeys[i]
	}
	err = s.retry(ctx, func() error {
		out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.cfg.Bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		if err == nil {
			failures = out.Errors
		}
		return err
	})
	return failures, err
}

// repeatable returns the keys whose deletion failed for now.
func repeatable(failures []types.Error) []string {
	var keys []string
	for _, f := range failures {
		switch aws.ToString(f.Code) {
		case "InternalError", "SlowDown", "ServiceUnavailable", "OperationAborted":
			keys = append(keys, aws.ToString(f.Key))
		}
	}
	return keys
}

func deleteError(failures []types.Error) error {
	if len(failures) == 0 {
		return nil
	}
	shown := make([]string, 0, shownErrors)
	for _, f := range failures[:min(len(failures), shownErrors)] {
		shown = append(shown, fmt.Sprintf("%s: %s: %s", aws.ToString(f.Key), aws.ToString(f.Code), aws.ToString(f.Message)))
	}
	return fmt.Errorf("%d objects were not deleted, among them %s", len(failures), strings.Join(shown, "; "))
}

// storedName names the keys of a Delete in its error.
func storedName(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	return fmt.Sprintf("%s and %d more", keys[0], len(keys)-1)
}

// isXML says whether XML 1.0 can hold the key, and with it a request for many.
func isXML(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' })
}
