package genesyssim

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// token is a bearer token, good in one region until a time.
type token struct {
	text    string
	client  Client
	region  string
	expires time.Time
}

func (t *token) lacks(permission string) bool { return slices.Contains(t.client.Without, permission) }

// region is where a host belongs: what follows login. and api., or "" for a host that is both.
func region(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, prefix := range []string{"login.", "api."} {
		if domain, ok := strings.CutPrefix(host, prefix); ok {
			return domain
		}
	}
	return ""
}

// mint answers POST /oauth/token.
func (s *Sim) mint(x *exchange) reply {
	id, secret, ok := x.BasicAuth()
	form, err := url.ParseQuery(string(x.body))
	switch {
	case err != nil || !strings.HasPrefix(x.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return denied(http.StatusBadRequest, "invalid_request", "the body must be a form")
	case !ok && form.Get("client_id") == "":
		return denied(http.StatusBadRequest, "invalid_request", "no client authentication")
	case !ok:
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if refusal, ok := s.chargeLogin(x, id); !ok {
		return refusal
	}
	if g := form.Get("grant_type"); g != "client_credentials" {
		return denied(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials")
	}
	i := slices.IndexFunc(s.Clients, func(c Client) bool { return c.ID == id })
	if i < 0 {
		return denied(http.StatusBadRequest, "invalid_client", "client not found: invalid_client")
	}
	c := s.Clients[i]
	if subtle.ConstantTimeCompare([]byte(c.Secret), []byte(secret)) != 1 {
		return denied(http.StatusUnauthorized, "invalid_client", "authentication failed")
	}
	t := &token{text: "sim-" + s.newID("token"), client: c, region: region(x.Host), expires: x.now.Add(c.Lifetime)}
	s.mu.Lock()
	s.tokens[t.text] = t
	s.mu.Unlock()
	return answer(http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}{t.text, "bearer", int64(c.Lifetime / time.Second)})
}

func denied(status int, code, description string) reply {
	return answer(status, map[string]string{"error": code, "description": description, "error_description": description})
}

// authenticate finds the request's token.
func (s *Sim) authenticate(x *exchange) (reply, bool) {
	text, ok := strings.CutPrefix(x.Header.Get("Authorization"), "Bearer ")
	if !ok {
		text, ok = strings.CutPrefix(x.Header.Get("Authorization"), "bearer ")
	}
	if !ok || text == "" {
		return x.refuse(http.StatusUnauthorized, "authentication.required", "No authentication bearer token specified in authorization header."), false
	}
	s.mu.Lock()
	t := s.tokens[text]
	s.mu.Unlock()
	switch {
	case t == nil || t.region != region(x.Host):
		return x.refuse(http.StatusUnauthorized, "bad.credentials", "Invalid login credentials."), false
	case !x.now.Before(t.expires):
		return x.refuse(http.StatusUnauthorized, "credentials.expired", "The supplied credentials are expired."), false
	}
	x.token = t
	return reply{}, true
}
