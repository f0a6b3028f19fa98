package arrival

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/s3event"
)

const (
	// publishWait is how long a request may wait for the bus. Senders wait a few seconds, and the server that stops
	// waits for its requests 5 s.
	publishWait = 4 * time.Second
	// requests is how many are worked on at a time, each with up to MaxBytes.
	requests = 64
)

// Hook takes notifications over HTTP. The sender proves itself by a shared secret.
type Hook struct {
	way    Way
	secret [sha256.Size]byte // its digest: what is compared has one length
	slots  chan struct{}
}

// NewHook makes the handler.
func NewHook(w Way, secret keys.Secret) *Hook {
	return &Hook{way: w, secret: sha256.Sum256(secret.Bytes()), slots: make(chan struct{}, requests)}
}

// answer is what the sender is told, as JSON.
type answer struct {
	Events  int    `json:"events"` // that were found in the notification
	Warning string `json:"warning,omitempty"`
	Error   string `json:"error,omitempty"`
}

// ServeHTTP answers 200 when the bus has the notification, and 202 when it has one that nobody understands: that is a
// dead letter for an operator, and no use to be sent again. 401, 413 and 400 are the sender's to mend; after 503 it
// should send again.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.knows(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="maskrail", Basic realm="maskrail"`)
		app.WriteJSON(w, http.StatusUnauthorized, answer{Error: "the shared secret is missing or wrong: send it as Authorization: Bearer SECRET, as the password of Authorization: Basic, or as X-Api-Key"})
		return
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		unavailable(w, "too many notifications at a time: send it again")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBytes))
	if err != nil {
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			app.WriteJSON(w, http.StatusRequestEntityTooLarge, answer{Error: ErrTooLong.Error()})
		} else {
			app.WriteJSON(w, http.StatusBadRequest, answer{Error: "the body could not be read to its end"})
		}
		return
	}
	if len(body) == 0 {
		app.WriteJSON(w, http.StatusBadRequest, answer{Error: "the body is empty: want a notification of the object store as JSON"})
		return
	}
	// A sender that does not wait may not send again either, so the notification is stored although it is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), publishWait)
	defer cancel()
	if err := h.way.take(ctx, body); err != nil {
		h.way.Telemetry.Log().WarnContext(ctx, "notification could not be handed on, the sender is asked to send it again", "error", err.Error())
		unavailable(w, "the message bus does not take it at the moment: send it again")
		return
	}
	events, err := s3event.Parse(body)
	if err != nil {
		app.WriteJSON(w, http.StatusAccepted, answer{Warning: err.Error() + "; it is kept as a dead letter, and its objects are left to the sweep"})
		return
	}
	app.WriteJSON(w, http.StatusOK, answer{Events: len(events)})
}

// knows reports whether the request carries the secret.
func (h *Hook) knows(r *http.Request) bool {
	given := r.Header.Get("X-Api-Key")
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(token)
	} else if _, password, ok := r.BasicAuth(); ok {
		given = password
	}
	digest := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(digest[:], h.secret[:]) == 1
}

func unavailable(w http.ResponseWriter, text string) {
	w.Header().Set("Retry-After", "5")
	app.WriteJSON(w, http.StatusServiceUnavailable, answer{Error: text})
}
