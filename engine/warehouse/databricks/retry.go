package databricks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// download is the name of a file's download beside those of the protocol's calls.
const download = "download"

// answer is what came back for a request, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// authError is a failure to authenticate before anything was sent.
type authError struct{ err error }

func (e *authError) Error() string { return fmt.Sprintf("databricks: authenticate: %v", e.err) }
func (e *authError) Unwrap() error { return e.err }

// retry sends until there is an answer that trying again would not better, or the retries are used up. Each wait is drawn from an interval that doubles.
func (w *Warehouse) retry(ctx context.Context, call string, send func() (*answer, error)) (*answer, error) {
	for attempt := 0; ; attempt++ {
		got, err := send()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if attempt >= w.cfg.MaxRetries || !again(call, got, err) {
			return got, err
		}
		wait := w.cfg.backoff(attempt, got)
		w.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "databricks: trying again", slog.String("call", call), slog.Int("attempt", attempt+1),
			slog.Duration("wait", wait), slog.String("because", w.scrub(because(got, err))))
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// again tells whether a request may be sent once more. A statement is only sent again when the server cannot have taken it: no connection was made, or the
// server says 429, or 503 with a time after which to come back.
func again(call string, got *answer, err error) bool {
	repeatable := call != "ExecuteStatement"
	var op *net.OpError
	switch {
	case err != nil && hopeless(err):
		return false
	case err != nil:
		return repeatable || errors.As(err, &op) && op.Op == "dial"
	case got.status == http.StatusTooManyRequests:
		return true
	case got.status == http.StatusServiceUnavailable:
		return repeatable || got.header.Get("Retry-After") != ""
	case got.status == http.StatusRequestTimeout, got.status == http.StatusBadGateway, got.status == http.StatusGatewayTimeout:
		return repeatable
	case got.status == http.StatusInternalServerError:
		return repeatable && got.reason() == ""
	default:
		return false
	}
}

// hopeless tells failures that stay: to authenticate, and of an address that is wrong.
func hopeless(err error) bool {
	var auth *authError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &auth) || errors.As(err, &name) && name.IsNotFound || errors.As(err, &certificate)
}

// backoff is the wait before the next attempt: what the server asks for, or half of an exponential interval and a random part of the other half.
func (c *Config) backoff(attempt int, got *answer) time.Duration {
	interval := c.RetryWaitMax
	if attempt < 30 && c.RetryWaitMin<<attempt < interval && c.RetryWaitMin<<attempt > 0 {
		interval = c.RetryWaitMin << attempt
	}
	wait := interval/2 + rand.N(interval/2+1)
	if got == nil {
		return wait
	}
	return max(wait, min(retryAfter(got.header), c.RetryWaitMax))
}

// retryAfter reads the header in either of its forms: seconds, or a date.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds < 1<<20 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return time.Until(at)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func because(got *answer, err error) string {
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(got.status) + " " + http.StatusText(got.status)
}

// reason is the server's word on an answer that is no success.
func (a *answer) reason() string {
	if text := a.header.Get("X-Thriftserver-Error-Message"); text != "" {
		return text
	}
	return a.header.Get("X-Databricks-Reason-Phrase")
}

// fault is the failure that an answer is which is no success. The server is busy or out of reach beyond all retries, or it refuses.
func (a *answer) fault(call string) *fault {
	f := &fault{call: call, message: because(a, nil)}
	if reason := a.reason(); reason != "" {
		f.message += ": " + reason
		f.gone = isGone(reason)
	}
	switch {
	case call == download, a.status == http.StatusTooManyRequests, a.status == http.StatusRequestTimeout, a.status == http.StatusServiceUnavailable:
		f.lost = true
	case a.status >= 500:
		f.lost = a.reason() == "" || f.gone && call != "ExecuteStatement"
	}
	return f
}
