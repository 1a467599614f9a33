package databricks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

func TestOpenChecksConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*databricks.Config)
		want   []string // in the error; none: it opens
	}{
		{"whole", func(*databricks.Config) {}, nil},
		{"nothing", func(c *databricks.Config) { *c = databricks.Config{} }, []string{"Host is empty", "HTTPPath is empty", "no credentials"}},
		{"a URL", func(c *databricks.Config) { c.Host = "https://h.example" }, []string{"leave out the scheme"}},
		{"half a service principal", func(c *databricks.Config) { c.Token, c.ClientID = "", "id" }, []string{"go together"}},
		{"two identities", func(c *databricks.Config) { c.ClientID, c.ClientSecret = "id", "x" }, []string{"more than one"}},
		{"in the clear", func(c *databricks.Config) { c.InsecureHTTP = true }, []string{"in the clear"}},
		{"in the clear to this machine", func(c *databricks.Config) { c.InsecureHTTP, c.Host = true, "127.0.0.1" }, nil},
		{"other meaning", func(c *databricks.Config) {
			c.SessionParams = map[string]string{"ANSI_MODE": "false", "TimeZone": "Europe/Vienna"}
		}, []string{"ANSI_MODE", "TimeZone"}},
		{"the same meaning", func(c *databricks.Config) {
			c.SessionParams = map[string]string{"ANSI_MODE": "TRUE", "TimeZone": "utc"}
		}, nil},
		{"tags beside tags", func(c *databricks.Config) { c.SessionParams = map[string]string{"QUERY_TAGS": "a:b"} }, []string{"Config.QueryTags"}},
		{"half a second", func(c *databricks.Config) { c.StatementTimeout = time.Second / 2 }, []string{"whole seconds"}},
		{"a secret in the clear", func(c *databricks.Config) {
			c.Token, c.ClientID, c.ClientSecret, c.TokenURL = "", "id", "x", "http://h.example/token"
		}, []string{"TokenURL"}},
		{"limits", func(c *databricks.Config) { c.Port, c.MaxConnections, c.Prefetch = -1, -1, -1 }, []string{"Port", "MaxConnections", "Prefetch"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := databricks.Config{Host: "h.example", HTTPPath: "/sql/1.0/warehouses/1", Token: "dapi-secret"}
			tt.change(&cfg)
			_, err := databricks.Open(cfg)
			if (err == nil) != (len(tt.want) == 0) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q too", err, want)
				}
			}
		})
	}
}

func TestParseDSN(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dsn string
		want      databricks.Config
		err       string
	}{
		{"token", "token:dapi-secret@h.example:443/sql/1.0/warehouses/1?catalog=main&schema=s&timeout=60&maxRows=7&use_cached_result=false", databricks.Config{
			Host: "h.example", Port: 443, HTTPPath: "/sql/1.0/warehouses/1", Token: "dapi-secret", Catalog: "main", Schema: "s",
			StatementTimeout: time.Minute, PageRows: 7, SessionParams: map[string]string{"use_cached_result": "false"},
		}, ""},
		{"service principal", "h.example/p?authType=OAuthM2M&clientID=id&clientSecret=x&maxDownloadThreads=2&userAgentEntry=me", databricks.Config{
			Host: "h.example", HTTPPath: "/p", ClientID: "id", ClientSecret: "x", Prefetch: 2, UserAgent: "me",
		}, ""},
		{"this machine", "http://token:dapi-secret@[::1]:80/p?useCloudFetch=true", databricks.Config{
			Host: "[::1]", Port: 80, HTTPPath: "/p", Token: "dapi-secret", InsecureHTTP: true,
		}, ""},
		{"no address", "token:dapi-secret@h:port/p", databricks.Config{}, "not of the form"},
		{"other scheme", "ftp://token:dapi-secret@h/p", databricks.Config{}, "scheme"},
		{"a user", "me:dapi-secret@h/p", databricks.Config{}, "user must be token"},
		{"no number", "token:dapi-secret@h/p?timeout=soon", databricks.Config{}, "timeout"},
		{"no browser", "h/p?authType=OauthU2M", databricks.Config{}, "authType"},
		{"telemetry", "h/p?enableTelemetry=true", databricks.Config{}, "enableTelemetry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := databricks.ParseDSN(tt.dsn)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "secret") {
					t.Fatalf("got %v, want %q and no secret", err, tt.err)
				}
				return
			}
			if d := cmp.Diff(got, tt.want); err != nil || d != "" {
				t.Errorf("got %v (-got +want):\n%s", err, d)
			}
		})
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		want databricks.Config
	}{
		{"nothing", nil, databricks.Config{}},
		{"token and warehouse", map[string]string{
			"DATABRICKS_HOST": "https://h.example/", "DATABRICKS_WAREHOUSE_ID": "1", "DATABRICKS_TOKEN": "t",
			"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_CLIENT_SECRET": "x",
		}, databricks.Config{Host: "h.example", HTTPPath: "/sql/1.0/warehouses/1", Token: "t"}},
		{"service principal and path", map[string]string{
			"DATABRICKS_HOST": "h.example", "DATABRICKS_HTTP_PATH": "/p", "DATABRICKS_WAREHOUSE_ID": "1", "DATABRICKS_CLIENT_ID": "id", "DATABRICKS_CLIENT_SECRET": "x",
		}, databricks.Config{Host: "h.example", HTTPPath: "/p", ClientID: "id", ClientSecret: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := databricks.FromEnvironment(func(name string) string { return tt.env[name] })
			if d := cmp.Diff(got, tt.want); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
}
