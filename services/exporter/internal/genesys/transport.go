package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// patient bounds the time from sending a request to the end of its answer's body, so that a server that sends a byte now
// and then holds nobody up. It stands behind the quota, whose waits do not count.
type patient struct {
	next  http.RoundTripper
	limit time.Duration
}

var errSlow = errors.New("the answer took too long")

// RoundTrip is that of http.RoundTripper.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), p.limit, errSlow)
	resp, err := p.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		if context.Cause(ctx) == errSlow { //nolint:errorlint // a cause is given as it is
			err = errSlow
		}
		cancel()
		return nil, err
	}
	resp.Body = &bounded{ReadCloser: resp.Body, ctx: ctx, cancel: cancel}
	return resp, nil
}

// bounded is a body that ends its request's deadline when it is closed.
type bounded struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelFunc
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.ctx), errSlow) {
		err = errSlow
	}
	return n, err
}

func (b *bounded) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// hops bounds redirects.
const hops = 3

var (
	errRedirect = errors.New("redirected")
	errHops     = errors.New("redirected too often")
)

// redirect follows a GET without a body. The token goes to no other host, and nothing goes to one without encryption.
func redirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) > hops:
		return errHops
	case first.Method != http.MethodGet || first.ContentLength != 0:
		return errRedirect
	case req.URL.Scheme == first.URL.Scheme && req.URL.Host == first.URL.Host:
		return nil
	case req.URL.Scheme != "https" && (first.URL.Scheme == "https" || !loopback(req.URL.Hostname())):
		return errRedirect
	}
	req.Header.Del("Authorization")
	req.Header.Del("Referer") // it would show the query
	return nil
}

// stay follows no redirect: the secret goes to the host that was configured.
func stay(*http.Request, []*http.Request) error { return errRedirect }
