//go:build integration

// Package integration tests medallion against the programs that it has to get on with: Spark, delta-rs, DuckDB and Polars read what it writes and append to it,
// real S3 servers keep its tables, and its processes are killed, starved of disk and denied their files. setup.sh installs what the tests need; a piece that is
// missing fails them.
package integration

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// suite is what all tests share: helpers that are started once, and programs that are built once.
type suite struct {
	dir       string // of the suite's own files, removed at the end
	readers   *helper
	spark     *helper
	warehouse *warehouseServer
	servers   map[string]*s3Server
	tool      string // cmd/medallion
	quick     string // examples/quickstart
	benchmark string // bench
}

// shared is set by TestMain before any test runs.
var shared suite

func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		os.Exit(work())
	}
	code, err := runSuite(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		code = 1
	}
	os.Exit(code)
}

func runSuite(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "medallion-integration-")
	if err != nil {
		return 1, err
	}
	shared = suite{dir: dir, servers: map[string]*s3Server{}}
	defer func() { err = errors.Join(err, shared.stop(), os.RemoveAll(dir)) }()
	if err := shared.start(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// start starts Spark first, as it takes longest, and waits for it in the first test that needs it.
func (s *suite) start() (err error) {
	if err := os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	scratch := filepath.Join(s.dir, "spark")
	if s.spark, err = startHelper("spark_server.py", "SPARK_SCRATCH="+scratch, "SPARK_TOOLS="+inRepository(".tools"), "SPARK_LOCAL_IP=127.0.0.1",
		"AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey); err != nil {
		return err
	}
	s.warehouse = newWarehouseServer(s.spark)
	if s.readers, err = startHelper("readers.py"); err != nil {
		return err
	}
	for _, start := range []func(dir string) (*s3Server, error){startVersityGW, startMoto} {
		server, err := start(s.dir)
		if err != nil {
			return err
		}
		s.servers[server.name] = server
	}
	for name, program := range map[string]*string{"cmd/medallion": &s.tool, "examples/quickstart": &s.quick, "bench": &s.benchmark} {
		*program = filepath.Join(s.dir, filepath.Base(name))
		if out, err := exec.Command("go", "build", "-o", *program, inRepository(name)).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return nil
}

func (s *suite) stop() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.stop())
	}
	for _, h := range []*helper{s.readers, s.spark} {
		if h != nil {
			errs = append(errs, h.stop())
		}
	}
	return errors.Join(errs...)
}

// inRepository is a path under the repository's root. Tests run in their package's folder.
func inRepository(parts ...string) string {
	root, err := filepath.Abs("..")
	if err != nil {
		panic(err)
	}
	return filepath.Join(append([]string{root}, parts...)...)
}
