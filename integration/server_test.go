//go:build integration

package integration

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/medallion-go/medallion/storage/s3"
)

// The servers know one user.
const accessKey, secretKey = "medallion", "medallion-secret"

// s3Server is a real S3 server on a port of the loopback.
type s3Server struct {
	name, endpoint string
	cmd            *exec.Cmd
	log            *bytes.Buffer
}

func startVersityGW(dir string) (*s3Server, error) {
	root := filepath.Join(dir, "versitygw")
	if err := os.Mkdir(root, 0o755); err != nil {
		return nil, err
	}
	return startServer("versitygw", func(port int) *exec.Cmd {
		return exec.Command(inRepository(".tools", "versitygw"), "--access", accessKey, "--secret", secretKey,
			"--port", "127.0.0.1:"+strconv.Itoa(port), "--quiet", "--keep-alive", "posix", root)
	})
}

func startMoto(string) (*s3Server, error) {
	return startServer("moto", func(port int) *exec.Cmd {
		return exec.Command(inRepository(".venv", "bin", "python"), inRepository("integration", "moto_server.py"), strconv.Itoa(port))
	})
}

// startServer starts a server on a free port and returns when it answers, or when it has ended.
func startServer(name string, command func(port int) *exec.Cmd) (*s3Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &s3Server{name: name, endpoint: "http://127.0.0.1:" + strconv.Itoa(port), cmd: command(port), log: &bytes.Buffer{}}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: run integration/setup.sh first: %w", name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	for {
		if response, err := http.Get(s.endpoint); err == nil {
			return s, response.Body.Close()
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("%s ended as it started: %w\n%s", name, err, s.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *s3Server) stop() error { return s.cmd.Process.Kill() }

// environment names the server to programs that use the AWS SDK's defaults, and to the tests of storage/s3.
func (s *s3Server) environment() []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL_S3="+s.endpoint, "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_REGION=us-east-1",
		"MEDALLION_TEST_S3_ENDPOINT="+s.endpoint, "MEDALLION_TEST_S3_KEY="+accessKey, "MEDALLION_TEST_S3_SECRET="+secretKey)
}

// bucket makes a bucket and opens it as a store.
func (s *s3Server) bucket(t *testing.T, name string) *s3.Store {
	t.Helper()
	login := credentials.NewStaticCredentialsProvider(accessKey, secretKey, "")
	client := awss3.New(awss3.Options{BaseEndpoint: &s.endpoint, Credentials: login, Region: "us-east-1", UsePathStyle: true})
	if _, err := client.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatalf("%s: create bucket %s: %v", s.name, name, err)
	}
	store, err := s3.New(s3.Config{Bucket: name, Endpoint: s.endpoint, Credentials: login, Region: "us-east-1", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	return store
}
