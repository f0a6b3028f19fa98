package genesys_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

var ping = genesys.Call{Op: "ping", Method: http.MethodGet, Path: "/ping"}

// each sends one call of each of n workers at the same time.
func each(ctx context.Context, c *genesys.Client, n int) error {
	var group sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		group.Go(func() { errs[i] = c.Do(ctx, ping, nil) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func TestToken(t *testing.T) {
	t.Parallel()
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }
	tests := map[string]func(t *testing.T, p *provider){
		"workers that start together share one": func(t *testing.T, p *provider) {
			p.api = ok
			if err := each(t.Context(), client(t, p), 50); err != nil || p.mints != 1 {
				t.Errorf("%d tokens, %v", p.mints, err)
			}
		},
		"it is asked for as RFC 6749 says": func(t *testing.T, p *provider) {
			p.api = ok
			p.mint = func(w http.ResponseWriter, r *http.Request) {
				id, secret, _ := r.BasicAuth()
				if id != clientID || secret != clientSecret || r.Method != http.MethodPost || r.FormValue("grant_type") != "client_credentials" {
					t.Error("the request for the token is wrong")
				}
				p.give(w, time.Hour)
			}
			if err := client(t, p).Do(t.Context(), ping, nil); err != nil {
				t.Error(err)
			}
		},
		"it is renewed a little before its end": func(t *testing.T, p *provider) {
			p.api = func(w http.ResponseWriter, r *http.Request) {
				if !p.takes(r) {
					t.Error("an old token was sent")
				}
			}
			p.mint = func(w http.ResponseWriter, _ *http.Request) { p.give(w, 20*time.Minute) }
			c := client(t, p)
			for _, wait := range []time.Duration{0, 18 * time.Minute, 2 * time.Minute} {
				time.Sleep(wait)
				if err := each(t.Context(), c, 10); err != nil {
					t.Error(err)
				}
			}
			if p.mints != 2 {
				t.Errorf("%d tokens, want 2", p.mints)
			}
		},
		"one that is taken back early is renewed once for all": func(t *testing.T, p *provider) {
			p.api = func(w http.ResponseWriter, r *http.Request) {
				if !p.takes(r) {
					time.Sleep(rand.N(time.Second)) // some are told when others have a new one already
					refuse(w, http.StatusUnauthorized, "credentials.expired", "")
				}
			}
			c := client(t, p)
			err := c.Do(t.Context(), ping, nil)
			p.good = "another"
			if err = errors.Join(err, each(t.Context(), c, 30)); err != nil || p.mints != 2 {
				t.Errorf("%d tokens, %v", p.mints, err)
			}
		},
		"one that is never taken is renewed once": func(t *testing.T, p *provider) {
			calls := 0
			p.api = func(w http.ResponseWriter, _ *http.Request) {
				calls++
				refuse(w, http.StatusUnauthorized, "bad.credentials", "")
			}
			err := client(t, p).Do(t.Context(), ping, nil)
			if !errors.Is(err, source.ErrRefused) || calls != 2 || p.mints != 2 {
				t.Errorf("%d calls, %d tokens, %v", calls, p.mints, err)
			}
		},
		"an address that is not allowed is no matter of the token": func(t *testing.T, p *provider) {
			p.api = func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, http.StatusUnauthorized, "ip.not.authorized", "")
			}
			err := client(t, p).Do(t.Context(), ping, nil)
			if !errors.Is(err, source.ErrRefused) || p.mints != 1 || !strings.Contains(err.Error(), "allowed addresses") {
				t.Errorf("%d tokens, %v", p.mints, err)
			}
		},
		"a limit on tokens is waited for": func(t *testing.T, p *provider) {
			p.api = ok
			p.mint = func(w http.ResponseWriter, _ *http.Request) {
				if p.mints == 1 {
					w.Header().Set("Retry-After", "17")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				p.give(w, time.Hour)
			}
			start := time.Now()
			if err := each(t.Context(), client(t, p), 5); err != nil || p.mints != 2 || time.Since(start).Truncate(time.Second) != 17*time.Second {
				t.Errorf("%d tokens after %v, %v", p.mints, time.Since(start), err)
			}
		},
		"a wrong secret says what to look at": func(t *testing.T, p *provider) {
			p.mint = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = w.Write([]byte(`{"error":"invalid_client","error_description":"authentication failed"}`))
			}
			err := client(t, p).Do(t.Context(), ping, nil)
			want := "ping: get token: refused by the provider: status 401 invalid_client: wrong client id or secret, or a client of another region: check clientId, clientSecretFile and region"
			if !errors.Is(err, source.ErrRefused) || err.Error() != want || p.mints != 1 {
				t.Errorf("%d tries, %v", p.mints, err)
			}
		},
		"a login that is away for a moment is asked again": func(t *testing.T, p *provider) {
			p.api = ok
			p.mint = func(w http.ResponseWriter, _ *http.Request) {
				if p.mints < 3 {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				p.give(w, time.Hour)
			}
			if err := client(t, p).Do(t.Context(), ping, nil); err != nil || p.mints != 3 {
				t.Errorf("%d tries, %v", p.mints, err)
			}
		},
		"an answer without a token is none": func(t *testing.T, p *provider) {
			p.mint = func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"access_token":"x y","token_type":"bearer","expires_in":3600}`))
			}
			if err := client(t, p).Do(t.Context(), ping, nil); err == nil || strings.Contains(err.Error(), "x y") {
				t.Error(err)
			}
		},
		"who stops waiting does not stop the others": func(t *testing.T, p *provider) {
			p.api = ok
			p.mint = func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(10 * time.Second)
				p.give(w, time.Hour)
			}
			c := client(t, p)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			first := make(chan error)
			go func() { first <- c.Do(ctx, ping, nil) }()
			synctest.Wait()
			if err := c.Do(t.Context(), ping, nil); err != nil || p.mints != 1 {
				t.Errorf("%d tokens, %v", p.mints, err)
			}
			if err := <-first; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error is %v, want the end of its context", err)
			}
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, &provider{}) })
		})
	}
}
