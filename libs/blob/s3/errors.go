package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/maskrail/maskrail/libs/blob"
)

// fail names the operation and the object and says what the server answered, without the key.
func fail(ctx context.Context, op string, loc blob.Location, err error) error {
	if err == nil {
		return nil
	}
	return blob.Fail(op, loc, clean(ctx, err))
}

// clean makes an error that may be shown of one that may not. Of the server's answer it keeps the status and the
// code, of the network's error what lies below the URL.
func clean(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Canceled)) {
		return context.Cause(ctx)
	}
	var api smithy.APIError
	var answer *smithyhttp.ResponseError
	hasCode := errors.As(err, &api)
	// The SDK also wraps what never was an answer; that has the status 0.
	hasStatus := errors.As(err, &answer) && answer.Response != nil && answer.Response.Response != nil && answer.HTTPStatusCode() != 0
	if hasCode || hasStatus {
		a := Answer{}
		if hasCode {
			a.Code = code(api.ErrorCode())
		}
		if hasStatus {
			a.Status = answer.HTTPStatusCode()
		}
		return &a
	}
	var reach *url.Error
	if errors.As(err, &reach) {
		return fmt.Errorf("%w: %w", blob.ErrUnavailable, network(reach.Err))
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return fmt.Errorf("%w: %w", blob.ErrUnavailable, op)
	}
	// The SDK has no type for this one that other packages can name.
	if strings.Contains(err.Error(), "checksum did not match") {
		return blob.ErrChecksum
	}
	return fmt.Errorf("object store client failed: %w", network(err))
}

// network keeps errors whose texts hold addresses at most, and of others the type.
func network(err error) error {
	for _, known := range []error{net.ErrClosed, http.ErrServerClosed, errEOF, errShort, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, known) {
			return known
		}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("timed out")
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Errorf("%T", err)
}

var codeShape = regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`)

func code(s string) string {
	if codeShape.MatchString(s) {
		return s
	}
	return "unnamed error"
}

// Answer is an error that the server gave. errors.Is matches it with the errors of package blob.
type Answer struct {
	Status int    // HTTP; 0 when unknown
	Code   string // e.g. AccessDenied; "" when the answer had no body
}

func (a *Answer) Error() string {
	text := "s3 answers"
	if a.Status != 0 {
		text += fmt.Sprintf(" %d", a.Status)
	}
	if a.Code != "" && a.Code != http.StatusText(a.Status) {
		text += " " + a.Code
	}
	switch {
	case a.Code == "InvalidAccessKeyId" || a.Code == "SignatureDoesNotMatch":
		text += ": check the access key and the secret key"
	case a.Code == "RequestTimeTooSkewed":
		text += ": check this machine's clock"
	case a.Status == http.StatusForbidden:
		text += ": check the credentials and what the bucket's policy allows them"
	case a.Code == "EntityTooLarge":
		text += ": one put holds 5 GiB at most; split the object"
	}
	if is := a.sentinel(); is != nil {
		text += ": " + is.Error()
	}
	return text
}

// Unwrap is the error of package blob that the answer means, or nil.
func (a *Answer) Unwrap() error { return a.sentinel() }

// Class names the answer in traces.
func (a *Answer) Class() string { return fmt.Sprintf("s3-%d", a.Status) }

func (a *Answer) sentinel() error {
	switch a.Code {
	case "NoSuchBucket":
		return blob.ErrNoBucket
	case "NoSuchKey", "NoSuchVersion", "NotFound":
		return blob.ErrNotFound
	case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch":
		return blob.ErrChecksum
	case "PreconditionFailed":
		return errPrecondition
	}
	switch a.Status {
	case http.StatusInsufficientStorage:
		return blob.ErrFull
	case http.StatusNotFound:
		return blob.ErrNotFound
	case http.StatusPreconditionFailed:
		return errPrecondition
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return blob.ErrUnavailable
	}
	return nil
}

// errPrecondition is what a 412 means until the operation that met it says more.
var errPrecondition = errors.New("condition not met")
