package genesys

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// mintLimit is the provider's documented limit on the token endpoint.
var mintLimit = quota.Limit{Requests: 300, Per: time.Minute}

const (
	opMint    = "get token"
	mintAgain = 4               // tries
	mintTime  = 5 * time.Minute // all tries together
	maxToken  = 64 << 10        // bytes of the answer
	// early is the most by which a token is renewed before its end, and a tenth of its life is the other bound: a request
	// that is sent just before the end may arrive behind it.
	early = time.Minute
)

// tokens holds the one token of a client and renews it when it must, for all that ask at the same time once.
type tokens struct {
	url    string
	id     string
	secret keys.Secret
	http   *http.Client
	flight singleflight.Group

	mu    sync.Mutex
	token keys.Secret
	until time.Time // by our clock alone, counted from when the token was asked for
}

// get is a token that is good for a while. Whoever stops waiting does not stop the others' renewal.
func (t *tokens) get(ctx context.Context) (keys.Secret, error) {
	if token, ok := t.current(); ok {
		return token, nil
	}
	minted := t.flight.DoChan("", func() (any, error) {
		if token, ok := t.current(); ok { // renewed between the look and the flight
			return token, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mintTime)
		defer cancel()
		return t.renew(ctx)
	})
	select {
	case r := <-minted:
		if r.Err != nil {
			return keys.Secret{}, r.Err
		}
		return r.Val.(keys.Secret), nil
	case <-ctx.Done():
		return keys.Secret{}, context.Cause(ctx)
	}
}

func (t *tokens) current() (keys.Secret, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token, !t.token.IsZero() && time.Now().Before(t.until)
}

// drop forgets the token, unless it was renewed already.
func (t *tokens) drop(token keys.Secret) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if string(t.token.Bytes()) == string(token.Bytes()) {
		t.token = keys.Secret{}
	}
}

// renew gets a token and keeps it.
func (t *tokens) renew(ctx context.Context) (keys.Secret, error) {
	policy := again
	policy.Attempts = mintAgain
	var token keys.Secret
	var final error
	err := retry.Do(ctx, policy, func(ctx context.Context) error {
		asked := time.Now()
		minted, life, err := t.mint(ctx)
		switch {
		case fleeting(err):
			return err
		case err != nil:
			final = err
			return nil
		}
		token = minted
		t.mu.Lock()
		defer t.mu.Unlock()
		t.token, t.until = minted, asked.Add(life-min(early, life/10))
		return nil
	})
	if final != nil {
		err = final
	}
	return token, err
}

// mint asks for a token once (RFC 6749, 4.4).
func (t *tokens) mint(ctx context.Context) (token keys.Secret, life time.Duration, err error) {
	ctx, end := telemetry.StartClient(ctx, "genesys "+opMint, telemetry.String("http.request.method", http.MethodPost))
	defer func() { end(err) }()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return keys.Secret{}, 0, &Error{Op: opMint, What: "the address of login is none"}
	}
	req.SetBasicAuth(t.id, string(t.secret.Bytes()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := t.http.Do(req)
	if err != nil {
		return keys.Secret{}, 0, broken(ctx, opMint, err)
	}
	defer resp.Body.Close()
	telemetry.Set(ctx, telemetry.Int("http.response.status_code", int64(resp.StatusCode)))
	body, err := whole(ctx, opMint, resp, maxToken)
	if err != nil {
		return keys.Secret{}, 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return keys.Secret{}, 0, mintFailed(resp, body)
	}
	var says struct {
		Token   string      `json:"access_token"`
		Type    string      `json:"token_type"`
		Expires json.Number `json:"expires_in"` // seconds
	}
	if err := decode(opMint, resp, body, &says); err != nil {
		return keys.Secret{}, 0, err
	}
	seconds, err := says.Expires.Int64()
	if err != nil || seconds <= 0 || seconds > int64(365*24*time.Hour/time.Second) || !strings.EqualFold(says.Type, "bearer") || !plain(says.Token) {
		return keys.Secret{}, 0, failed(opMint, resp, "the answer holds no bearer token with a time of expiry")
	}
	return keys.NewSecret([]byte(says.Token)), time.Duration(seconds) * time.Second, nil
}

// plain reports whether s can stand in a header: visible ASCII.
func plain(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// bearer is the header that carries the token.
func bearer(token keys.Secret) string { return fmt.Sprintf("Bearer %s", token.Bytes()) }
