//go:build integration

package s3_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/s3"
	"github.com/medallion-go/medallion/storage/storagetest"
)

// bucket is created on the server where it is missing. Each test keeps to a prefix of its own.
const bucket = "medallion-storagetest"

func TestServer(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return serverStore(t, s3.Config{}) })
}

func TestServerProbe(t *testing.T) {
	if err := serverStore(t, s3.Config{}).Probe(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestServerMultipart(t *testing.T) {
	s := serverStore(t, s3.Config{PartSize: 5 << 20})
	data := make([]byte, 12<<20+17)
	for i := range data {
		data[i] = byte(i*31>>5 ^ i)
	}
	put(t, s, "large", data)
	wantContent(t, s, "large", data)
	w := create(t, s, "aborted")
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	if got := keys(t, s); len(got) != 1 {
		t.Errorf("got keys %q, want large alone", got)
	}
}

// The mark is what a lost answer is resolved by, so the server must keep it: this makes the store look after a write that it believes lost.
func TestServerKeepsMarks(t *testing.T) {
	lossy := &lossyClient{inner: ownClient(t)}
	s := serverStore(t, s3.Config{HTTPClient: lossy, SkipProbe: true})
	for _, key := range []string{"a", "b"} {
		lossy.lose = 1
		if err := s.PutIfAbsent(t.Context(), key, []byte("x")); err != nil {
			t.Errorf("put %s: got error %v for a lost answer of our own success, want none", key, err)
		}
	}
}

// serverStore fails the test when the environment does not name a server.
func serverStore(t *testing.T, cfg s3.Config) *s3.Store {
	t.Helper()
	cfg.Endpoint = environment(t, "MEDALLION_TEST_S3_ENDPOINT")
	cfg.Credentials = credentials.NewStaticCredentialsProvider(environment(t, "MEDALLION_TEST_S3_KEY"), environment(t, "MEDALLION_TEST_S3_SECRET"), "")
	cfg.Bucket, cfg.PathStyle, cfg.Prefix = bucket, true, "test-"+uuid.NewString()
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = ownClient(t)
	}
	client := awss3.New(awss3.Options{
		BaseEndpoint: &cfg.Endpoint, Credentials: cfg.Credentials, Region: "us-east-1", UsePathStyle: true, HTTPClient: cfg.HTTPClient,
	})
	_, err := client.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(bucket)})
	if err != nil && !strings.Contains(err.Error(), "BucketAlready") {
		t.Fatal(err)
	}
	s, err := s3.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ownClient leaves no connection behind when the test ends.
func ownClient(t *testing.T) *http.Client {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func environment(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set; the integration tests need an S3 server and its MEDALLION_TEST_S3_ENDPOINT, _KEY and _SECRET", name)
	}
	return value
}
