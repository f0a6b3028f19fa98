package run_test

import (
	"context"
	"errors"
	"testing"
)

var errStopped = errors.New("stopped by the test")

func withCancel(t *testing.T) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, func() { cancel(errStopped) }
}
