package databricks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// bearer authenticates by a token that stays the same.
type bearer string

func (b bearer) Authenticate(r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

// service authenticates as a service principal: by OAuth tokens for its credentials, each used until shortly before it expires.
type service struct {
	w      *Warehouse
	lock   chan struct{} // holds one token; a channel, so that waiting ends with a context
	token  string
	renews time.Time
}

func newService(w *Warehouse) *service { return &service{w: w, lock: make(chan struct{}, 1)} }

// Authenticate puts on a token that is valid for a while.
func (s *service) Authenticate(r *http.Request) error {
	ctx := r.Context()
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Now().After(s.renews) {
		if err := s.renew(ctx); err != nil {
			return fmt.Errorf("an OAuth token for client %s: %w", s.w.cfg.ClientID, err)
		}
	}
	return bearer(s.token).Authenticate(r)
}

// renew asks for a token by the client credentials grant (RFC 6749, section 4.4).
func (s *service) renew(ctx context.Context) error {
	asked := time.Now()
	got, err := s.w.retry(ctx, "token", func() (*answer, error) {
		form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}, "scope": {"all-apis"}}.Encode())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.w.cfg.TokenURL, form)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(url.QueryEscape(s.w.cfg.ClientID), url.QueryEscape(s.w.cfg.ClientSecret))
		return s.w.exchange(req)
	})
	if err != nil {
		return err
	}
	var said struct {
		Token       string `json:"access_token"`
		Seconds     int64  `json:"expires_in"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(got.body, &said); got.status != http.StatusOK || err != nil || said.Token == "" {
		return fmt.Errorf("%s answers %d %s", s.w.cfg.TokenURL, got.status, strings.TrimSpace(said.Error+" "+said.Description))
	}
	life := time.Duration(said.Seconds) * time.Second
	s.token, s.renews = said.Token, asked.Add(life-min(life/10, time.Minute))
	return nil
}
