package genesys

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/maskrail/maskrail/services/exporter/internal/quota"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// broken is what a request without a whole answer fails with. The text of net/http's error shows the address with its
// query, and may show bytes of the answer, so its kind alone is told.
func broken(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	if paused, ok := errors.AsType[*quota.PausedError](err); ok {
		return fmt.Errorf("%s: %w", op, paused)
	}
	if errors.Is(err, quota.ErrRefused) {
		return fmt.Errorf("%s: %w", op, quota.ErrRefused)
	}
	e := &Error{Op: op, fleeting: true, What: "the connection failed"}
	var timeout net.Error
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errRedirect), errors.Is(err, errHops):
		e.fleeting, e.cause, e.What = false, source.ErrRefused, "redirected where the request must not go: see that the region, or the addresses, are right"
	case errors.As(err, &certificate):
		e.fleeting, e.cause, e.What = false, source.ErrRefused, "the certificate of the host is not trusted"
	case errors.Is(err, errSlow):
		e.What = errSlow.Error()
	case errors.As(err, &dns):
		e.What = "the name of the host cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.What = "the host refuses connections"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.What = "the connection timed out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e.What = "the connection ended before the answer did"
	}
	return e
}
