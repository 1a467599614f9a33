//go:build integration

package s3_test

import (
	"errors"
	"io"
	"net/http"
)

// lossyClient makes requests and loses the answers of the next few writes.
type lossyClient struct {
	inner *http.Client
	lose  int
}

func (c *lossyClient) Do(r *http.Request) (*http.Response, error) {
	response, err := c.inner.Do(r)
	if err != nil || r.Method != http.MethodPut || c.lose == 0 {
		return response, err
	}
	c.lose--
	_, copyErr := io.Copy(io.Discard, response.Body)
	return nil, errors.Join(errors.New("connection reset: the answer is lost"), copyErr, response.Body.Close())
}
