package databricks

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Config says which warehouse, as whom, and how. Host, HTTPPath and one way to authenticate are required; the zero value of every other field means the
// default that it states.
type Config struct {
	Host     string // as the warehouse's connection details give it, without a scheme
	Port     int    // default: 443
	HTTPPath string // /sql/1.0/warehouses/<id>

	// One of: a personal access token; the OAuth credentials of a service principal; anything else.
	Token                  string
	ClientID, ClientSecret string
	Authenticator          Authenticator
	TokenURL               string // where ClientID's tokens are issued; default: https://<Host>/oidc/v1/token

	Catalog string // of each session; default: the workspace's
	Schema  string // of each session; default: the catalog's
	// SessionParams are set in each session. ANSI_MODE is always true and TIMEZONE always UTC: the meaning of plans rests on them.
	SessionParams map[string]string
	QueryTags     map[string]string // on every statement, for the query history

	StatementTimeout time.Duration // in whole seconds, kept by the server; default: the warehouse's
	MaxConnections   int           // sessions, and so statements, at once; more wait; default: 32
	KeepIdle         time.Duration // how long a session without statements is used again; default: 10 min, as servers forget idle sessions
	PageRows         int           // most rows in one page of a result that is sent inline; default: 100 000
	// Prefetch is how many files of a large result are downloaded ahead of the reader. With one batch being read they bound the memory that a result takes:
	// the server makes files of 20 MB or so. Default: 4.
	Prefetch int

	MaxRetries   int           // of one request; negative: none; default: 10
	RetryWaitMin time.Duration // before the first retry; doubled for each further one, with jitter; default: 1 s
	RetryWaitMax time.Duration // also the longest Retry-After that is honoured; default: 30 s

	UserAgent string            // of the program, for the query history; default: medallion
	Logger    *slog.Logger      // retries at Warn, statements at Debug, never their text; default: discards
	Allocator memory.Allocator  // of the batches; default: memory.DefaultAllocator
	Transport http.RoundTripper // default: a pool of connections of its own, with the environment's proxy
	// InsecureHTTP speaks HTTP without TLS, and only with this machine (127.0.0.1, ::1, localhost): for tests.
	InsecureHTTP bool
}

// Authenticator puts credentials on a request to the warehouse. It is called for each request, at the same time from many goroutines, and may do I/O under the
// request's context.
type Authenticator interface {
	Authenticate(r *http.Request) error
}

// String names the warehouse and shows no secret.
func (c Config) String() string {
	return fmt.Sprintf("databricks.Config{Host: %q, Port: %d, HTTPPath: %q, Catalog: %q, Schema: %q}", c.Host, c.Port, c.HTTPPath, c.Catalog, c.Schema)
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String: a Config that is logged shows no secret.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// complete fills in the defaults, or returns every fault joined.
func (c *Config) complete() error {
	if err := errors.Join(c.checkAddress(), c.checkCredentials(), c.checkSession(), c.checkLimits()); err != nil {
		return err
	}
	c.Port = orDefault(c.Port, 443)
	c.MaxConnections = orDefault(c.MaxConnections, 32)
	c.KeepIdle = orDefault(c.KeepIdle, 10*time.Minute)
	c.PageRows = orDefault(c.PageRows, 100_000)
	c.Prefetch = orDefault(c.Prefetch, 4)
	c.MaxRetries = max(0, orDefault(c.MaxRetries, 10))
	c.RetryWaitMin = orDefault(c.RetryWaitMin, time.Second)
	c.RetryWaitMax = max(c.RetryWaitMin, orDefault(c.RetryWaitMax, 30*time.Second))
	c.UserAgent = orDefault(c.UserAgent, "medallion")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Allocator == nil {
		c.Allocator = memory.DefaultAllocator
	}
	if !strings.HasPrefix(c.HTTPPath, "/") {
		c.HTTPPath = "/" + c.HTTPPath
	}
	c.TokenURL = orDefault(c.TokenURL, c.origin()+"/oidc/v1/token")
	return nil
}

func orDefault[T comparable](v, byDefault T) T {
	var zero T
	if v == zero {
		return byDefault
	}
	return v
}

// origin is scheme, host and port.
func (c *Config) origin() string {
	scheme := "https"
	if c.InsecureHTTP {
		scheme = "http"
	}
	return fmt.Sprintf("%s://%s:%d", scheme, c.Host, c.Port)
}

func (c *Config) checkAddress() error {
	var faults []error
	switch {
	case c.Host == "":
		faults = append(faults, errors.New("databricks: Config.Host is empty: take it from the warehouse's connection details"))
	case strings.ContainsAny(c.Host, "/?#@ "):
		faults = append(faults, fmt.Errorf("databricks: Config.Host %q is no host name: leave out the scheme and the path", c.Host))
	case c.InsecureHTTP && !thisMachine(c.Host):
		faults = append(faults, fmt.Errorf("databricks: Config.InsecureHTTP would send credentials to %q in the clear: it is for 127.0.0.1 only", c.Host))
	}
	if c.Port < 0 || c.Port > 65535 {
		faults = append(faults, fmt.Errorf("databricks: Config.Port %d is no port", c.Port))
	}
	if strings.Trim(c.HTTPPath, "/") == "" {
		faults = append(faults, errors.New("databricks: Config.HTTPPath is empty: it is /sql/1.0/warehouses/<id>, from the warehouse's connection details"))
	}
	return errors.Join(faults...)
}

func thisMachine(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func (c *Config) checkCredentials() error {
	if (c.ClientID == "") != (c.ClientSecret == "") {
		return errors.New("databricks: Config.ClientID and Config.ClientSecret go together, and one is empty")
	}
	if c.TokenURL != "" && !c.InsecureHTTP && !strings.HasPrefix(c.TokenURL, "https://") {
		return fmt.Errorf("databricks: Config.TokenURL %q is not https: it is sent the client's secret", c.TokenURL)
	}
	ways := 0
	for _, given := range []bool{c.Token != "", c.ClientID != "", c.Authenticator != nil} {
		if given {
			ways++
		}
	}
	switch ways {
	case 0:
		return errors.New("databricks: Config has no credentials: set Token, ClientID and ClientSecret, or Authenticator")
	case 1:
		return nil
	default:
		return errors.New("databricks: Config has more than one of Token, ClientID and Authenticator: set one")
	}
}

// fixed are the session parameters that the meaning of plans rests on.
var fixed = map[string]string{"ansi_mode": "true", "timezone": "UTC"}

func (c *Config) checkSession() error {
	var faults []error
	for name, value := range c.SessionParams {
		if must, ok := fixed[strings.ToLower(name)]; ok && !strings.EqualFold(value, must) {
			faults = append(faults, fmt.Errorf("databricks: Config.SessionParams sets %s to %q, which must be %s", name, value, must))
		}
		if strings.EqualFold(name, "query_tags") {
			faults = append(faults, errors.New("databricks: Config.SessionParams sets query_tags: use Config.QueryTags"))
		}
	}
	return errors.Join(faults...)
}

func (c *Config) checkLimits() error {
	var faults []error
	if c.StatementTimeout < 0 || c.StatementTimeout%time.Second != 0 {
		faults = append(faults, fmt.Errorf("databricks: Config.StatementTimeout %v is not a number of whole seconds", c.StatementTimeout))
	}
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"MaxConnections", int64(c.MaxConnections)},
		{"KeepIdle", int64(c.KeepIdle)},
		{"PageRows", int64(c.PageRows)},
		{"Prefetch", int64(c.Prefetch)},
		{"RetryWaitMin", int64(c.RetryWaitMin)},
		{"RetryWaitMax", int64(c.RetryWaitMax)},
	} {
		if limit.value < 0 {
			faults = append(faults, fmt.Errorf("databricks: Config.%s is negative", limit.name))
		}
	}
	return errors.Join(faults...)
}

// session are the parameters that a session is opened with.
func (c *Config) session() map[string]string {
	params := map[string]string{}
	for name, value := range c.SessionParams {
		if _, ok := fixed[strings.ToLower(name)]; !ok {
			params[name] = value
		}
	}
	for name, value := range fixed {
		params[name] = value
	}
	return params
}
