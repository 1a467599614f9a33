package databricks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/databricks/databricks-sql-go/logger"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// buffer may be written from many goroutines.
type buffer struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}

// TestSecrets captures all that is logged, ours at Debug, net/http's, and what the driver would write to standard error, while things go well and wrong. It
// holds the process's standard loggers, so it is not parallel.
func TestSecrets(t *testing.T) {
	var ours, process buffer
	standard := log.Writer()
	log.SetOutput(&process)
	defer log.SetOutput(standard)
	_, err := databricks.Open(databricks.Config{Host: "h", HTTPPath: "/p", Token: "t"}) // silences the driver
	if err != nil {
		t.Fatal(err)
	}
	logger.SetLogOutput(&process)
	defer logger.SetLogOutput(os.Stderr)

	files := []page{{batches: []arrow.RecordBatch{numbers(0, 3)}, files: true}}
	tests := []struct {
		name   string
		result result
		before before
	}{
		{"well", result{pages: files}, nil},
		{"retried", result{pages: files}, refuse("ExecuteStatement", 1, http.StatusTooManyRequests)},
		{"refused", result{}, refuse("OpenSession", 99, http.StatusForbidden, "X-Databricks-Reason-Phrase: no such token: dapi-secret")},
		{"files refused", result{pages: files}, refuse("download", 99, http.StatusForbidden)},
		{"files lost", result{pages: files}, drop("download", 99)},
		{"failed", result{message: "[X] the token dapi-secret, and https://bucket/file?signature=sig-secret, in a message"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.result)
			f.before = tt.before
			f.Config.ErrorLog = log.New(&bytes.Buffer{}, "", 0)
			w := f.open(t, func(c *databricks.Config) {
				c.Logger = slog.New(slog.NewTextHandler(&ours, &slog.HandlerOptions{Level: slog.LevelDebug}))
				c.Logger.Info("connecting", "config", *c, "printed", fmt.Sprintf("%v %+v %#v", *c, c, *c))
			})
			_, err := read(t.Context(), w, "SELECT n")
			if err != nil && strings.Contains(fmt.Sprintf("%+v", err), "secret") {
				t.Errorf("the error shows a secret: %+v", err)
			}
			for inner := err; inner != nil; inner = errors.Unwrap(inner) {
				if strings.Contains(inner.Error(), "secret") {
					t.Errorf("a wrapped error shows a secret: %v", inner)
				}
			}
		})
	}
	if text := ours.String(); strings.Contains(text, "secret") || !strings.Contains(text, "trying again") || !strings.Contains(text, "result read") {
		t.Errorf("the log shows secrets, or not what it should:\n%s", text)
	}
	if text := process.String(); text != "" {
		t.Errorf("there is more on the process's loggers than nothing:\n%s", text)
	}
}

// TestServicePrincipal has a server that issues tokens, of which the first is good for one use.
func TestServicePrincipal(t *testing.T) {
	t.Parallel()
	issued := 0
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "client" || secret != "client-secret" || r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("scope") != "all-apis" {
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_client", "error_description": "client-secret is wrong"})
			return
		}
		issued++
		life := 3600
		if issued == 1 {
			life = 0
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprintf("oauth-secret-%d", issued), "expires_in": life})
	}))
	defer tokens.Close()
	f := newFake(t, result{})
	var seen buffer
	proxied := roundTripper(func(r *http.Request) (*http.Response, error) {
		fmt.Fprintln(&seen, r.Header.Get("Authorization"))
		return http.DefaultTransport.RoundTrip(r)
	})
	open := func(secret string) *databricks.Warehouse {
		return f.open(t, func(c *databricks.Config) {
			c.Token, c.ClientID, c.ClientSecret, c.TokenURL, c.Transport = "", "client", secret, tokens.URL, proxied
		})
	}
	w := open("client-secret")
	for range 2 {
		if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := seen.String(); issued != 2 || !strings.Contains(got, "Bearer oauth-secret-1") || strings.Count(got, "Bearer oauth-secret-2") < 2 {
		t.Errorf("got %d tokens, used as:\n%s", issued, got)
	}
	err := open("other-secret").Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"})
	var failed *warehouse.StatementError
	if !errors.As(err, &failed) || failed.Lost || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error(), "other-secret") {
		t.Errorf("got %v, want a StatementError that says why", err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// failing is an Authenticator.
type failing struct{ err error }

func (f failing) Authenticate(*http.Request) error { return f.err }

func TestAuthenticatorFails(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	cause := errors.New("the vault is closed")
	w := f.open(t, func(c *databricks.Config) { c.Token, c.Authenticator = "", failing{cause} })
	err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"})
	if !errors.Is(err, cause) || len(f.calls) != 0 {
		t.Errorf("got %v after calls %v, want the authenticator's error and no call", err, f.calls)
	}
}
