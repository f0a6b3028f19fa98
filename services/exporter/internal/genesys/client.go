// Package genesys is a thin client of the provider's HTTP API: regions, the token, and JSON calls whose answers keep what
// nobody here knows of. Nothing that it returns or records shows a token, a secret, an address with a query, a value of a
// request, or text of the server's.
package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// Config says which organisation is asked, and as whom.
type Config struct {
	// Region is the domain of a public region, such as mypurecloud.com.
	Region string
	// API and Login are addresses instead of a region, as for a cloud of a government: https, or http on this machine.
	API, Login string

	ClientID     string
	ClientSecret keys.Secret

	// Limit is what the token may ask for, until the provider's headers say another number.
	Limit quota.Limit
	// Patience is how long one answer may take, with its body and without the wait for the quota; 0 means 5 minutes.
	Patience time.Duration
	// Transport sends requests; nil is the usual one.
	Transport http.RoundTripper
}

// DefaultPatience is how long one answer may take.
const DefaultPatience = 5 * time.Minute

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	var errs []error
	if _, _, err := c.hosts(); err != nil {
		errs = append(errs, err)
	}
	if c.ClientID == "" || strings.ContainsFunc(c.ClientID, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		errs = append(errs, errors.New("clientId: want the id of an OAuth client with the grant client credentials"))
	}
	if c.ClientSecret.IsZero() {
		errs = append(errs, errors.New("clientSecretFile: want the secret of the OAuth client, in a file or by the environment"))
	}
	if c.Patience < 0 {
		errs = append(errs, errors.New("patience: want no negative time"))
	}
	return errors.Join(errs...)
}

// Client asks one organisation as one OAuth client. It is safe for concurrent use; all that use it share one token and its
// quota.
type Client struct {
	api    string // scheme and host
	host   string
	http   *http.Client
	budget *quota.Budget
	tokens *tokens
}

// New makes a client. It asks for nothing yet.
func New(c Config) (*Client, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("new genesys client: %w", err)
	}
	api, login, err := c.hosts()
	if err != nil {
		return nil, err
	}
	budget, err := quota.New(c.Limit)
	if err != nil {
		return nil, fmt.Errorf("new genesys client: %w", err)
	}
	mints, err := quota.New(mintLimit)
	if err != nil {
		return nil, err
	}
	base := c.Transport
	if base == nil {
		base = http.DefaultTransport.(*http.Transport).Clone()
	}
	if c.Patience == 0 {
		c.Patience = DefaultPatience
	}
	base = &patient{next: base, limit: c.Patience}
	return &Client{
		api: api, host: strings.TrimPrefix(strings.TrimPrefix(api, "https://"), "http://"), budget: budget,
		http: &http.Client{Transport: budget.Transport(base), CheckRedirect: redirect},
		tokens: &tokens{
			url: login + "/oauth/token", id: c.ClientID, secret: c.ClientSecret,
			http: &http.Client{Transport: mints.Transport(base), CheckRedirect: stay},
		},
	}, nil
}

// Left is how many requests could be sent at once now, for a gauge.
func (c *Client) Left() int { return c.budget.Left() }

// Call is one request.
type Call struct {
	// Op names the operation in errors and spans, as in "create export job". It is a constant.
	Op     string
	Method string
	Path   string // below the API's host, escaped, with a slash in front
	Query  url.Values
	Body   any // sent as JSON; nil for none
	// Again says that asking twice does no harm, though it is a POST. GET and DELETE never do.
	Again bool
	// Gone is what it means that the provider does not know what the path names, say source.ErrRestart of a job. Nil means
	// that the request is wrong, source.ErrRefused.
	Gone error
	// Most bounds the answer, in bytes, decompressed; 0 means 16 MiB.
	Most int64
}

// again is how often and how fast a call is tried that may be repeated.
var again = retry.Policy{Initial: 500 * time.Millisecond, Max: 20 * time.Second, Attempts: 6}

// Do sends the call and decodes the answer into out, which may be nil. Numbers in values of any type are json.Number, and a
// json.RawMessage is the answer's bytes. A 429 waits, also for other workers' ones; what fails for a moment, such as 503 or
// a broken connection, is tried again when that does no harm. The error wraps source.ErrSplit, ErrRestart or ErrRefused
// when one of these holds; a quota.PausedError means a pause too long to wait for.
func (c *Client) Do(ctx context.Context, call Call, out any) error {
	body, err := encode(call)
	if err != nil {
		return err
	}
	policy := again
	if call.Method == http.MethodPost && !call.Again {
		policy.Attempts = 1
	}
	var final error // one that no further try mends
	err = retry.Do(ctx, policy, func(ctx context.Context) error {
		err := c.try(ctx, call, body, out)
		if fleeting(err) {
			return err
		}
		final = err
		return nil
	})
	if final != nil {
		return final
	}
	return err
}

// try sends the call with a token, and once more with a new one when the provider does not take it any more.
func (c *Client) try(ctx context.Context, call Call, body []byte, out any) error {
	for renewed := false; ; renewed = true {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", call.Op, err)
		}
		err = c.send(ctx, call, token, body, out)
		if renewed || !stale(err) {
			return err
		}
		c.tokens.drop(token)
	}
}

// CheckID refuses what cannot be the provider's id of something: it becomes part of a path and stands in the audit log.
func CheckID(op, id string) error {
	ok := len(id) > 0 && len(id) <= 128 && strings.Trim(id, idAlphabet) == ""
	if !ok {
		return fmt.Errorf("%s: the provider gave an id that is none: want 1 to 128 letters, digits, - and _", op)
	}
	return nil
}

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Status is the HTTP status of the answer that err is about, 0 when it is about none.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}
