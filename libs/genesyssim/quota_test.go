package genesyssim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// headers are the ones of both dialects that are there, by the last part of their name.
func headers(h http.Header) map[string]string {
	found := map[string]string{}
	for name := range h {
		if strings.Contains(strings.ToLower(name), "ratelimit") || name == "Retry-After" {
			found[name] = h.Get(name)
		}
	}
	return found
}

func (b *bench) expect(path string, status int, want map[string]string) {
	b.Helper()
	got, header, body, err := b.try(http.MethodGet, path, nil)
	if err != nil || got != status {
		b.Fatalf("%s: %d and not %d: %.200s %v", path, got, status, body, err)
	}
	for name, value := range want {
		if header.Get(name) != value {
			b.Errorf("%s: %s is %q and not %q: %v", path, name, header.Get(name), value, headers(header))
		}
	}
}

func TestMinute(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Quota.PerMinute = 3 })
	path := jobs + "/availability"
	b.expect(path, http.StatusOK, map[string]string{"inin-ratelimit-count": "1", "inin-ratelimit-allowed": "3", "inin-ratelimit-reset": "60", "X-RateLimit-Limit": ""})
	b.Forward(20 * time.Second)
	b.expect(path, http.StatusOK, map[string]string{"inin-ratelimit-count": "2", "inin-ratelimit-reset": "40"})
	b.expect(path, http.StatusOK, map[string]string{"inin-ratelimit-count": "3"})
	b.expect(path, http.StatusTooManyRequests, map[string]string{"Retry-After": "40", "inin-ratelimit-reset": "40"})
	_, _, body, _ := b.try(http.MethodGet, path, nil)
	for _, says := range []string{"Retry the request in [40] seconds", `"code":"too.many.requests.retry.after"`, `"limit":{"key":"token.rate.per.minute","namespace":"platform.api","value":3}`} {
		if !strings.Contains(string(body), says) {
			t.Errorf("%s does not say %s", body, says)
		}
	}
	b.expect(exports+"/schemas", http.StatusOK, map[string]string{"X-RateLimit-Remaining": "99"}) // a budget of its own
	b.Forward(40 * time.Second)
	b.expect(path, http.StatusOK, map[string]string{"inin-ratelimit-count": "3"}) // the window slides
	b.expect(path, http.StatusTooManyRequests, map[string]string{"Retry-After": "20"})
}

func TestSecond(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Quota.PerSecond = 2 })
	path := exports + "/schemas"
	b.expect(path, http.StatusOK, map[string]string{"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "1", "inin-ratelimit-count": ""})
	b.expect(path, http.StatusOK, map[string]string{"X-RateLimit-Remaining": "0"})
	b.expect(path, http.StatusTooManyRequests, map[string]string{"X-RateLimit-Remaining": "0", "Retry-After": "1"})
	b.Forward(time.Second)
	b.expect(path, http.StatusOK, map[string]string{"X-RateLimit-Remaining": "1"})
}

func TestTokensOfAClient(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Quota.Tokens = 2 }) // one is spent
	b.mint()
	status, header, body := b.login("maskrail", "simulated-secret", "client_credentials")
	if status != http.StatusTooManyRequests || header.Get("Retry-After") != "60" {
		t.Errorf("%d %s %v", status, body, headers(header))
	}
	b.Forward(time.Minute)
	b.mint()
}

func TestLimitsOnJobs(t *testing.T) {
	t.Parallel()
	body := map[string]any{"interval": "2026-03-02T00:00:00Z/2026-03-02T01:00:00Z"}
	for _, c := range []struct {
		name, key string
		quota     genesyssim.Quota
		wait      time.Duration
	}{
		{"at once", "details.jobs.concurrent.access.max", genesyssim.Quota{JobsOpen: 2}, 3 * time.Second},
		{"in a second", "details.jobs.rate.per.second", genesyssim.Quota{JobsRate: 2}, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(config *genesyssim.Config) { config.Quota = c.quota })
			b.call(http.StatusAccepted, http.MethodPost, jobs, body)
			b.call(http.StatusAccepted, http.MethodPost, jobs, body)
			if refused := b.call(http.StatusTooManyRequests, http.MethodPost, jobs, body); !strings.Contains(string(refused), c.key) {
				t.Errorf("%s does not name %s", refused, c.key)
			}
			b.Forward(c.wait)
			b.call(http.StatusAccepted, http.MethodPost, jobs, body)
		})
	}
}

func TestBodyIsLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := b.call(http.StatusRequestEntityTooLarge, http.MethodPost, jobs, map[string]string{"interval": strings.Repeat("x", 512_000)})
	if read[struct{ Code string }](t, body).Code != "request.entity.too.large" {
		t.Errorf("%s", body)
	}
}
