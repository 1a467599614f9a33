package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/medallion-go/medallion/storage"
)

// RequestError is a request that the server refused or that did not get an answer.
type RequestError struct {
	Op        string // open, read, put, …
	URL       string // s3://bucket/key
	Status    int    // of the HTTP answer; 0 when there was none
	Code      string // of S3: AccessDenied, SlowDown, …; may be empty
	RequestID string // for the server's operators; may be empty
	Hint      string // what to do; may be empty
	Err       error
}

// Error says which request, what the server answered and what to do.
func (e *RequestError) Error() string {
	s := fmt.Sprintf("s3: %s %s: %v", e.Op, e.URL, e.Err)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// Retryable says whether the same request may get another answer.
func (e *RequestError) Retryable() bool {
	c := classify(e.Err)
	return c == unsent || c == unknown
}

// class is what a failed request means for the one who decides what to do next.
type class uint8

const (
	refused class = iota // it had no effect, and would have none if it were repeated
	unsent               // it had no effect; a repeat may go through
	failed               // its condition did not hold (412): it had no effect
	unknown              // it may or may not have had its effect; a repeat may go through
)

// classify takes no answer for "no effect" that S3 does not document as such.
func classify(err error) class {
	if status := statusOf(err); status != 0 {
		return classifyStatus(status, codeOf(err))
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return unknown
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return unsent
	}
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return unknown
	}
	if _, ok := errors.AsType[*bodyError](err); ok {
		return unknown
	}
	return refused // it failed on this side: no credentials, an invalid parameter
}

func classifyStatus(status int, code string) class {
	switch {
	case code == "RequestTimeTooSkewed": // the next attempt is signed with the server's time
		return unsent
	case code == "RequestTimeout":
		return unknown
	case status == http.StatusPreconditionFailed:
		return failed
	case status == http.StatusNotImplemented:
		return refused
	case status == http.StatusConflict, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return unknown
	case status >= 400 && status < 500, status >= 300 && status < 400:
		return refused
	}
	return unknown // 5xx, and answers of success that could not be understood
}

// bodyError is an answer that broke off.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return "the answer broke off: " + e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

func statusOf(err error) int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && r.Response != nil {
		return r.Response.StatusCode
	}
	return 0
}

func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// isMissing tells a missing object from a missing bucket or upload.
func isMissing(err error) bool {
	code := codeOf(err)
	return statusOf(err) == http.StatusNotFound && code != "NoSuchBucket" && code != "NoSuchUpload"
}

// opError wraps what a method returns: the errors that callers branch on as they are, all others with the server's words.
func (s *Store) opError(op, key string, err error) error {
	if errors.Is(err, storage.ErrExists) || errors.Is(err, storage.ErrChanged) || isKeyError(err) {
		return fmt.Errorf("s3: %s %s: %w", op, s.URL(key), err)
	}
	if isMissing(err) && !errors.Is(err, storage.ErrUndecided) {
		return fmt.Errorf("s3: %s %s: %w", op, s.URL(key), storage.ErrNotFound)
	}
	e := &RequestError{Op: op, URL: s.URL(key), Status: statusOf(err), Code: codeOf(err), Err: err}
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		e.RequestID = r.ServiceRequestID()
	}
	e.Hint = s.hint(e.Status, e.Code)
	if e.Status == 0 && strings.Contains(err.Error(), "get identity: ") {
		e.Hint = "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give this machine a role"
	}
	return e
}

func (s *Store) hint(status int, code string) string {
	switch code {
	case "NoSuchBucket":
		return "check the name of the bucket and the endpoint"
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return fmt.Sprintf("the bucket is not in region %s", s.cfg.Region)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken":
		return "check the credentials"
	case "RequestTimeTooSkewed":
		return "set this machine's clock"
	}
	switch status {
	case http.StatusForbidden:
		return "grant s3:GetObject, s3:ListBucket, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload there, and the use of its KMS key"
	case http.StatusMovedPermanently:
		return fmt.Sprintf("the bucket is not in region %s", s.cfg.Region)
	case http.StatusNotImplemented:
		return "the server does not know this request; Config.NoChecksums may help"
	}
	return ""
}

func isKeyError(err error) bool {
	_, ok := errors.AsType[*storage.KeyError](err)
	return ok
}

// undecided marks the error of a write that may have had its effect.
func undecided(err error) error {
	if errors.Is(err, storage.ErrUndecided) {
		return err
	}
	return fmt.Errorf("%w: %w", storage.ErrUndecided, err)
}
