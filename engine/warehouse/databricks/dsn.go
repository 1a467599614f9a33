package databricks

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseDSN reads the address that Databricks' drivers take: token:<token>@<host>:<port>/sql/1.0/warehouses/<id>?catalog=…&schema=…&timeout=<seconds>. In
// place of a token, clientID and clientSecret may be parameters. http:// in front means Config.InsecureHTTP; parameters that it does not know set the session.
// Errors do not show the address, since it holds secrets.
func ParseDSN(dsn string) (Config, error) {
	if !strings.Contains(dsn, "://") {
		dsn = "https://" + dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return Config{}, errors.New("databricks: the DSN is not of the form token:<token>@<host>:<port>/<http path>?<parameters>")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return Config{}, errors.New("databricks: the DSN's scheme is neither https nor http")
	}
	c := Config{Host: u.Hostname(), HTTPPath: u.Path, InsecureHTTP: u.Scheme == "http"}
	if strings.Contains(c.Host, ":") {
		c.Host = "[" + c.Host + "]"
	}
	if port := u.Port(); port != "" {
		if c.Port, err = strconv.Atoi(port); err != nil {
			return Config{}, errors.New("databricks: the DSN's port is no number")
		}
	}
	if u.User != nil {
		if u.User.Username() != "token" {
			return Config{}, errors.New("databricks: the DSN's user must be token: other users have no way to log in")
		}
		c.Token, _ = u.User.Password()
	}
	return c, c.setParameters(u.Query())
}

func (c *Config) setParameters(query url.Values) error {
	for name := range query {
		value := query.Get(name)
		switch name {
		case "catalog":
			c.Catalog = value
		case "schema":
			c.Schema = value
		case "accessToken":
			c.Token = value
		case "clientId", "clientID":
			c.ClientID = value
		case "clientSecret":
			c.ClientSecret = value
		case "userAgentEntry":
			c.UserAgent = value
		case "timeout", "maxRows", "maxDownloadThreads":
			if err := c.setNumber(name, value); err != nil {
				return err
			}
		case "authType", "useCloudFetch", "enableTelemetry":
			if err := checkConstant(name, value); err != nil {
				return err
			}
		default:
			if c.SessionParams == nil {
				c.SessionParams = map[string]string{}
			}
			c.SessionParams[name] = value
		}
	}
	return nil
}

func (c *Config) setNumber(name, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("databricks: the DSN's parameter %s is no number: %q", name, value)
	}
	switch name {
	case "timeout":
		c.StatementTimeout = time.Duration(n) * time.Second
	case "maxRows":
		c.PageRows = n
	default:
		c.Prefetch = n
	}
	return nil
}

// checkConstant refuses what the drivers' parameters of that name may ask for and is never done here.
func checkConstant(name, value string) error {
	must := map[string][]string{"authType": {"pat", "oauthm2m"}, "useCloudFetch": {"true"}, "enableTelemetry": {"false"}}[name]
	if !slices.Contains(must, strings.ToLower(value)) {
		return fmt.Errorf("databricks: the DSN's parameter %s is %q: it can only be %s", name, value, strings.Join(must, " or "))
	}
	return nil
}

// FromEnvironment reads the variables that Databricks' tools share, by a function such as os.Getenv: DATABRICKS_HOST, DATABRICKS_HTTP_PATH or
// DATABRICKS_WAREHOUSE_ID, and DATABRICKS_TOKEN or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET. What is not set stays empty; Open says what is missing.
func FromEnvironment(getenv func(string) string) Config {
	host := strings.TrimSuffix(strings.TrimPrefix(getenv("DATABRICKS_HOST"), "https://"), "/")
	c := Config{
		Host:         host,
		HTTPPath:     getenv("DATABRICKS_HTTP_PATH"),
		Token:        getenv("DATABRICKS_TOKEN"),
		ClientID:     getenv("DATABRICKS_CLIENT_ID"),
		ClientSecret: getenv("DATABRICKS_CLIENT_SECRET"),
	}
	if id := getenv("DATABRICKS_WAREHOUSE_ID"); c.HTTPPath == "" && id != "" {
		c.HTTPPath = "/sql/1.0/warehouses/" + id
	}
	if c.Token != "" { // as Databricks' tools have it: the token goes first
		c.ClientID, c.ClientSecret = "", ""
	}
	return c
}
