package genesyssim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

func TestToken(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) {
		c.Clients = []genesyssim.Client{{ID: "maskrail", Secret: "simulated-secret", Lifetime: 90 * time.Second}}
	})
	for _, c := range []struct {
		name, id, secret, grant string
		status                  int
		says                    string
	}{
		{"good", "maskrail", "simulated-secret", "client_credentials", http.StatusOK, `"expires_in":90}`},
		{"another secret", "maskrail", "guess", "client_credentials", http.StatusUnauthorized, `"error_description":"authentication failed"`},
		{"unknown client", "stranger", "guess", "client_credentials", http.StatusBadRequest, `"error":"invalid_client"`},
		{"another grant", "maskrail", "simulated-secret", "password", http.StatusBadRequest, `"error":"unsupported_grant_type"`},
	} {
		status, header, body := b.login(c.id, c.secret, c.grant)
		if status != c.status || !strings.Contains(string(body), c.says) || header.Get("ININ-Correlation-Id") == "" {
			t.Errorf("%s: %d %.200s", c.name, status, body)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	availability := jobs + "/availability"
	for _, c := range []struct {
		name    string
		prepare func(*bench)
		status  int
		code    string
	}{
		{"good", func(*bench) {}, http.StatusOK, ""},
		{"no token", func(b *bench) { b.token = "" }, http.StatusUnauthorized, "authentication.required"},
		{"unknown token", func(b *bench) { b.token = "guess" }, http.StatusUnauthorized, "bad.credentials"},
		{"a moment before it expires", func(b *bench) { b.Forward(24*time.Hour - time.Nanosecond) }, http.StatusOK, ""},
		{"expired", func(b *bench) { b.Forward(24 * time.Hour) }, http.StatusUnauthorized, "credentials.expired"},
		{"another region", func(b *bench) { b.host = "api.mypurecloud.ie" }, http.StatusUnauthorized, "bad.credentials"},
		{"a token of the region", func(b *bench) { b.host = "api.mypurecloud.ie"; b.token = b.mint() }, http.StatusOK, ""},
		{"a region's token at another", func(b *bench) { b.host = "api.mypurecloud.ie"; b.token = b.mint(); b.host = "api.mypurecloud.de" }, http.StatusUnauthorized, "bad.credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c.prepare(b)
			if body := b.call(c.status, http.MethodGet, availability, nil); read[struct{ Code string }](t, body).Code != c.code {
				t.Errorf("%s and not %q", body, c.code)
			}
		})
	}
}

func TestPermission(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) {
		c.Clients = []genesyssim.Client{{ID: "maskrail", Secret: "simulated-secret", Without: []string{genesyssim.PermissionDetails}}}
	})
	body := b.call(http.StatusForbidden, http.MethodGet, jobs+"/availability", nil)
	if !strings.Contains(string(body), genesyssim.PermissionDetails) {
		t.Errorf("%s does not say which permission is missing", body)
	}
	b.call(http.StatusOK, http.MethodGet, exports+"/schemas", nil)
	b.call(http.StatusNotFound, http.MethodGet, "/api/v2/users/me", nil)
}
