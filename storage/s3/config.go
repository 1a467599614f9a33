package s3

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/medallion-go/medallion/storage"
)

const (
	minPartSize       = 5 << 20 // S3 refuses smaller parts, but for the last
	minTail           = 1 << 10
	defaultPartSize   = 8 << 20
	defaultParallel   = 4
	defaultAttempts   = 10
	defaultReadAhead  = 1 << 20
	defaultTail       = 64 << 10
	headerTimeout     = time.Minute // from the end of a request to the first byte of its answer
	idleConnections   = 64
	firstBackoff      = 50 * time.Millisecond
	maxBackoff        = 5 * time.Second
	defaultTestRegion = "us-east-1" // what servers other than S3 expect in signatures
)

// Config says which bucket and how to reach it.
type Config struct {
	Bucket string // required
	Prefix string // the keys of the store lie below it; default: none, the whole bucket

	AWS         *aws.Config             // what config.LoadDefaultConfig returns, for region, credentials, endpoint and HTTP client; default: none
	Region      string                  // default: AWS.Region; where an Endpoint is set, us-east-1
	Credentials aws.CredentialsProvider // default: AWS.Credentials; one of them is required. aws.AnonymousCredentials{} for public buckets
	Endpoint    string                  // http(s):// URL of a server other than S3; default: AWS.BaseEndpoint, then S3 of the region
	PathStyle   bool                    // default: false, the bucket is in the host name; true puts it into the path, as most other servers need
	HTTPClient  aws.HTTPClient          // default: AWS.HTTPClient, then one of the store's own, which keeps idle connections for a while

	SSEKMSKeyID string // id or ARN of the KMS key that every write is encrypted with; default: none, what the bucket is set to
	NoChecksums bool   // default: false, every write carries its CRC-32C for the server to check; true for servers that refuse the header
	SkipProbe   bool   // default: false, the first PutIfAbsent on an Endpoint runs Probe; true trusts the server

	PartSize    int64                           // bytes of a part, at least 5 MiB; larger objects go up in parts; default: 8 MiB
	Parallel    int                             // parts of one writer, and ranges of one read, on their way at once; default: 4
	MaxAttempts int                             // of one request; default: 10
	Backoff     func(attempt int) time.Duration // the wait after a failed attempt, from 1; default: a random time up to 50 ms, doubling, at most 5 s
	ReadAhead   int                             // bytes that a read in sequence fetches at least; default: 1 MiB
	Tail        int                             // bytes at the end of an object that Open fetches with it, at least 1 KiB; default: 64 KiB
}

// complete fills in the defaults and returns every fault joined.
func (c *Config) complete() error {
	c.fromAWS()
	c.Prefix = strings.TrimSuffix(c.Prefix, "/")
	if c.Region == "" && c.Endpoint != "" {
		c.Region = defaultTestRegion
	}
	if c.HTTPClient == nil {
		c.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = headerTimeout
			t.MaxIdleConnsPerHost = idleConnections
		})
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	setDefault(&c.PartSize, defaultPartSize)
	setDefault(&c.Parallel, defaultParallel)
	setDefault(&c.MaxAttempts, defaultAttempts)
	setDefault(&c.ReadAhead, defaultReadAhead)
	setDefault(&c.Tail, defaultTail)
	return c.check()
}

func (c *Config) fromAWS() {
	if c.AWS == nil {
		return
	}
	if c.Region == "" {
		c.Region = c.AWS.Region
	}
	if c.Credentials == nil {
		c.Credentials = c.AWS.Credentials
	}
	if c.Endpoint == "" && c.AWS.BaseEndpoint != nil {
		c.Endpoint = *c.AWS.BaseEndpoint
	}
	if c.HTTPClient == nil {
		c.HTTPClient = c.AWS.HTTPClient
	}
}

func (c *Config) check() error {
	var errs []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf("s3: config: "+format, args...))
		}
	}
	fault(c.Bucket == "", "Bucket is empty")
	fault(strings.Contains(c.Bucket, "/"), "Bucket %q holds a slash; name what follows it as Prefix", c.Bucket)
	if c.Prefix != "" {
		err := storage.CheckKey(c.Prefix)
		fault(err != nil, "Prefix: %w", err)
	}
	fault(c.Region == "", "Region is empty; name the bucket's, or set AWS, whose default configuration takes it from AWS_REGION or the profile")
	fault(c.Credentials == nil, "there are no Credentials; set them or AWS, or aws.AnonymousCredentials{} for a public bucket")
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		fault(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https", "Endpoint %q is no http:// or https:// URL", c.Endpoint)
	}
	fault(c.PartSize < minPartSize, "PartSize is %d bytes, and S3 wants at least %d", c.PartSize, minPartSize)
	fault(c.Parallel < 0, "Parallel is %d", c.Parallel)
	fault(c.MaxAttempts < 0, "MaxAttempts is %d", c.MaxAttempts)
	fault(c.ReadAhead < 0, "ReadAhead is %d", c.ReadAhead)
	fault(c.Tail < minTail, "Tail is %d bytes, and must be at least %d", c.Tail, minTail)
	return errors.Join(errs...)
}

// newClient makes a client that never tries again by itself: the store decides that for each request, knowing what it may have done.
func newClient(c Config) *s3.Client {
	options := s3.Options{
		Region:                     c.Region,
		Credentials:                c.Credentials,
		HTTPClient:                 c.HTTPClient,
		UsePathStyle:               c.PathStyle,
		Retryer:                    aws.NopRetryer{},
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if c.Endpoint != "" {
		options.BaseEndpoint = aws.String(c.Endpoint)
	}
	if c.AWS != nil {
		options.APIOptions = append(options.APIOptions, c.AWS.APIOptions...)
	}
	return s3.New(options)
}

func setDefault[T int | int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// backoff is a random wait between nothing and a bound that doubles with each attempt, so that writers that collided part.
func backoff(attempt int) time.Duration {
	bound := maxBackoff
	if attempt < 8 {
		bound = min(bound, firstBackoff<<(attempt-1))
	}
	return rand.N(bound)
}
