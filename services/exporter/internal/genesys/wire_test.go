package genesys_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

const (
	clientID     = "0b8a2f6e-1111-4c3d-8e2f-5a6b7c8d9e0f"
	clientSecret = "s3cr3t-of-the-client"
)

// wire serves h in memory and returns the transport that reaches it, whatever the address.
func wire(t *testing.T, h http.Handler) http.RoundTripper {
	t.Helper()
	client, done := genesyssim.Pipe(h)
	t.Cleanup(done)
	return client.Transport
}

// provider is a token endpoint beside an API.
type provider struct {
	api  http.HandlerFunc
	mint http.HandlerFunc // nil gives tokens of an hour

	mu    sync.Mutex
	mints int
	good  string // the token that is good now
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/oauth/token" {
		p.api(w, r)
		return
	}
	p.mu.Lock()
	p.mints++
	p.good = "token-" + string(rune('a'-1+p.mints))
	p.mu.Unlock()
	if p.mint != nil {
		p.mint(w, r)
		return
	}
	p.give(w, time.Hour)
}

func (p *provider) give(w http.ResponseWriter, life time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": p.good, "token_type": "bearer", "expires_in": int(life / time.Second)})
}

func (p *provider) takes(r *http.Request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.Header.Get("Authorization") == "Bearer "+p.good
}

func client(t *testing.T, p http.Handler) *genesys.Client {
	t.Helper()
	c, err := genesys.New(config(wire(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func config(transport http.RoundTripper) genesys.Config {
	return genesys.Config{
		API: "http://127.0.0.1:1", Login: "http://127.0.0.1:2", ClientID: clientID, ClientSecret: keys.NewSecret([]byte(clientSecret)),
		Limit: quota.Limit{Requests: 100_000, Per: time.Second}, Transport: transport,
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("ININ-Correlation-Id", "7c2f0d1e-5a34-4b8f-9a51-0f6d1c2b3a41")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "code": code, "message": message})
}
