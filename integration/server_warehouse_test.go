//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// warehouseServer is the SQL warehouse of the suite: Spark with Delta, the same one that reads tables back, behind what the Databricks driver speaks. Its
// catalogs are main and dev. See warehouse/README.md.
type warehouseServer struct {
	// endpoint is the address, http://127.0.0.1:port; the first call waits until Spark has started.
	endpoint func() (string, error)
}

// warehouseToken is one test's login at the warehouse. What a test sets to go wrong, and the statements that it has run, go by its token.
type warehouseToken struct {
	endpoint, host, port string
	token                string
}

// fault is something that goes wrong at the warehouse for one token.
type fault struct {
	// Kind is the number of an HTTP status such as 429; drop, before the request is served, or lost, after it, without an answer; slow; truncate, in the middle
	// of the answer; short, a download without its last batch; expired-link; kill-before or kill-after, at a statement, from which on nothing is answered.
	Kind string `json:"kind"`
	// Method is one of Thrift's, or cloudfetch (a download) or staging; empty is any of Thrift's.
	Method string `json:"method,omitempty"`
	// After is how many calls of the method go well first, Count how many then do not; 0 stands for 1.
	After int `json:"after,omitempty"`
	Count int `json:"count,omitempty"`
	// Seconds is the delay of slow, and the Retry-After of a status, left out where it is 0.
	Seconds float64 `json:"seconds,omitempty"`
	// Statement is the statement of kill-before and kill-after, from 1.
	Statement int `json:"statement,omitempty"`
}

// ranStatement is a statement as the warehouse saw it.
type ranStatement struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Tags  string `json:"tags"`
	State string `json:"state"` // RUNNING, FINISHED, CANCELED, TIMEDOUT, ERROR
	Error string `json:"error"`
	// Started and Ended are in milliseconds since 1970; Ended is 0 while the statement runs.
	Started int64 `json:"started"`
	Ended   int64 `json:"ended"`
	// Tasks is how many of Spark's tasks run for it: some may outlive a cancelled statement.
	Tasks int `json:"tasks"`
}

func newWarehouseServer(spark *helper) *warehouseServer {
	return &warehouseServer{endpoint: sync.OnceValues(func() (string, error) {
		a, err := spark.try(map[string]any{"op": "warehouse"})
		return a.Endpoint, err
	})}
}

// login gives the test a token that nobody else has.
func (s *warehouseServer) login(t testing.TB) *warehouseToken {
	t.Helper()
	endpoint, err := s.endpoint()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return &warehouseToken{endpoint: endpoint, host: u.Hostname(), port: u.Port(), token: fmt.Sprintf("test-%x", time.Now().UnixNano())}
}

// httpPath is where the warehouse takes calls.
const httpPath = "/sql/1.0/warehouses/test"

// dsn names the warehouse to the driver; options are those of its query part, such as catalog, schema, or the warehouse's own (warehouse/README.md).
func (w *warehouseToken) dsn(options url.Values) string {
	all := url.Values{"enableTelemetry": {"false"}}
	for name, values := range options {
		all[name] = values
	}
	return fmt.Sprintf("http://token:%s@%s:%s%s?%s", w.token, w.host, w.port, httpPath, all.Encode())
}

// fail sets what is to go wrong, beside what has been set before.
func (w *warehouseToken) fail(t *testing.T, faults ...fault) {
	t.Helper()
	for _, f := range faults {
		body, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		w.control(t, http.MethodPost, "/_faults", body)
	}
}

// heal ends all that has been set to go wrong.
func (w *warehouseToken) heal(t *testing.T) {
	t.Helper()
	w.control(t, http.MethodDelete, "/_faults", nil)
}

// statements is what the token's holder has run, in the order of arrival.
func (w *warehouseToken) statements(t *testing.T) []ranStatement {
	t.Helper()
	var all []ranStatement
	if err := json.Unmarshal(w.control(t, http.MethodGet, "/_statements", nil), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (w *warehouseToken) control(t *testing.T, method, path string, body []byte) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.endpoint+path+"?token="+w.token, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("warehouse: %s %s: %s: %s: %v", method, path, response.Status, text, err)
	}
	return text
}
