//go:build integration

package integration

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// helper is a Python program that answers one JSON object a line. It serves one request at a time.
type helper struct {
	name string
	mu   sync.Mutex
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// answer is what a helper says: each request fills its own part.
type answer struct {
	Rows       []string       `json:"rows"`
	Columns    map[string]any `json:"columns"`
	Version    int64          `json:"version"`
	Endpoint   string         `json:"endpoint"`
	Checked    int            `json:"checked"`
	Violations []string       `json:"violations"`
	Error      string         `json:"error"`
	Trace      string         `json:"trace"`
}

func startHelper(script string, environment ...string) (*helper, error) {
	h := &helper{name: script, cmd: exec.Command(inRepository(".venv", "bin", "python"), script)}
	h.cmd.Env = append(append(os.Environ(), "TZ=UTC"), environment...)
	h.cmd.Stderr = os.Stderr
	var err error
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReaderSize(out, 1<<20)
	if err := h.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: run integration/setup.sh first: %w", script, err)
	}
	return h, nil
}

// ask sends a request and fails the test when the helper says no.
func (h *helper) ask(t *testing.T, request map[string]any) answer {
	t.Helper()
	a, err := h.try(request)
	if err != nil {
		t.Fatalf("%s: %v: %v", h.name, request, err)
	}
	return a
}

func (h *helper) try(request map[string]any) (answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	line, err := json.Marshal(request)
	if err != nil {
		return answer{}, err
	}
	if _, err := h.in.Write(append(line, '\n')); err != nil {
		return answer{}, err
	}
	text, err := h.out.ReadBytes('\n')
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return answer{}, fmt.Errorf("%w: %.200s", err, text)
	}
	if a.Error != "" {
		return answer{}, fmt.Errorf("%s\n%s", a.Error, a.Trace)
	}
	return a, nil
}

// stop closes the helper's input, at which it ends.
func (h *helper) stop() error {
	if err := errors.Join(h.in.Close(), h.cmd.Wait()); err != nil {
		return fmt.Errorf("%s: %w", h.name, err)
	}
	return nil
}
