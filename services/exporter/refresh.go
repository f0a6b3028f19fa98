package exporter

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
)

// Refresh is POST /refresh on the address of /metrics, which asks for an export. It is served when it has a token.
type Refresh struct {
	// TokenFile is a file, mode 0600, with the bearer token of those who may ask, at least 16 characters.
	// MASKRAIL_REFRESH_TOKEN_FILE
	TokenFile string `yaml:"tokenFile,omitempty" env:"TOKEN_FILE"`
	// Token is the token itself; it comes from MASKRAIL_REFRESH_TOKEN alone.
	Token keys.Secret `yaml:"token,omitempty" env:"TOKEN"`
}

// Validate names what is wrong and what is right.
func (r Refresh) Validate() error {
	switch {
	case r.TokenFile != "" && !r.Token.IsZero():
		return fmt.Errorf("refresh.tokenFile: the token is given twice: unset %sREFRESH_TOKEN or refresh.tokenFile", app.EnvPrefix)
	case !r.Token.IsZero():
		return checkSecret(app.EnvPrefix+"REFRESH_TOKEN", r.Token)
	}
	return nil
}

// secret is the token, zero for none.
func (r Refresh) secret() (keys.Secret, error) {
	if r.TokenFile == "" {
		return r.Token, nil
	}
	return readSecret("refresh.tokenFile", r.TokenFile, func(s keys.Secret) error { return checkSecret(r.TokenFile, s) })
}

// RefreshRequest is the body of POST /refresh.
type RefreshRequest struct {
	Source  string    `json:"source"`
	From    time.Time `json:"from,omitzero"` // half-open; without both the run goes on where the last one ended
	To      time.Time `json:"to,omitzero"`
	Tenants []string  `json:"tenants,omitempty"`
	By      string    `json:"by,omitempty"` // who asks, for the audit log; "api"
}

// RefreshAnswer is that of POST /refresh. How the run ends GET /refresh/{run} of each environment's loader tells.
type RefreshAnswer struct {
	Run   string `json:"run,omitempty"`
	Error string `json:"error,omitempty"`
}

// maxRequest is the largest body that is read, in bytes.
const maxRequest = 2 << 20

// ServeHTTP notes a run: 202 with its id and where its end is told, 400 for a request that is wrong, 401 without the token,
// 404 for a source that is not configured.
func (e *exports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.allowed(r.Header.Get("Authorization")) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="maskrail"`)
		app.WriteJSON(w, http.StatusUnauthorized, RefreshAnswer{Error: "want the header Authorization: Bearer TOKEN"})
		return
	}
	var asked RefreshRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		err = d.Decode(&asked)
	}
	if err != nil {
		app.WriteJSON(w, http.StatusBadRequest, RefreshAnswer{Error: `want a JSON object such as {"source":"prod","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z"}`})
		return
	}
	if asked.By == "" {
		asked.By = "api"
	}
	id, err := e.request(r, asked)
	switch {
	case errors.Is(err, export.ErrNoSource):
		app.WriteJSON(w, http.StatusNotFound, RefreshAnswer{Error: "no such source is configured"})
	case errors.Is(err, export.ErrRequest):
		app.WriteJSON(w, http.StatusBadRequest, RefreshAnswer{Error: err.Error()})
	case err != nil:
		app.WriteJSON(w, http.StatusServiceUnavailable, RefreshAnswer{Error: "the run cannot be noted now; the log says why"})
	default:
		w.Header().Set("Location", "/refresh/"+id)
		app.WriteJSON(w, http.StatusAccepted, RefreshAnswer{Run: id})
	}
}

func (e *exports) request(r *http.Request, asked RefreshRequest) (string, error) {
	if e.engine == nil {
		return "", export.ErrNoSource
	}
	id, err := e.engine.Request(r.Context(), export.Request{Source: asked.Source, From: asked.From, To: asked.To, Tenants: asked.Tenants, By: asked.By})
	if err != nil && !errors.Is(err, export.ErrNoSource) && !errors.Is(err, export.ErrRequest) {
		e.engine.Telemetry.Log().ErrorContext(r.Context(), "a run that was asked for cannot be noted", "error", err.Error())
	}
	return id, err
}

// allowed compares digests, so that neither length nor content of the token shows in the time it takes.
func (e *exports) allowed(header string) bool {
	scheme, token, _ := strings.Cut(header, " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256(e.token.Bytes())
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
