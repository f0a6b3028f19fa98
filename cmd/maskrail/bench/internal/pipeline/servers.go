package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	environment = "bench" // as `maskrail mask` is told, for the same bytes
	entity      = "interaction"
)

// limit is how long a part may take. Whatever is stuck by then stays so.
const limit = 10 * time.Minute

func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("not all objects came through within %s", limit))
}

// servers are the embedded ones, and single workers on them.
type servers struct {
	common  app.Common
	store   blob.Store
	spans   *spans
	closers []func() error // in the order they were opened
}

func start(ctx context.Context, dir string) (_ *servers, err error) {
	s := &servers{spans: newSpans()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	running, err := stack.StartServers(ctx, stack.Dir(dir))
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, running.Close)
	s.common = running.Common()
	s.common.TempDir = filepath.Join(dir, "tmp")
	if err := stack.Provision(ctx, s.common, environment); err != nil {
		return nil, err
	}
	store, err := s.common.S3.Open(ctx)
	if err != nil {
		return nil, err
	}
	s.closers, s.store = append(s.closers, store.Close), store
	return s, nil
}

// work runs a worker until the servers are closed.
func (s *servers) work(ctx context.Context, service string, create func(app.Deps) (app.Worker, error)) error {
	tel, err := telemetry.New(ctx, telemetry.Config{Service: service, Environment: environment, Logs: io.Discard, Spans: s.spans})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { return tel.Shutdown(context.WithoutCancel(ctx)) })
	conn, err := app.Connect(ctx, service, s.common, tel)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, conn.Close)
	w, err := create(conn.Deps)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	var failed error
	running.Go(func() { failed = w.Run(working) })
	s.closers = append(s.closers, func() error {
		stop()
		running.Wait()
		return app.Stopped(working, failed)
	})
	return nil
}

func (s *servers) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

// put stores a file in the raw bucket, under a folder that tells apart what else is the same.
func put(ctx context.Context, store blob.Store, bucket, folder, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, err = store.Put(ctx, blob.Location{Bucket: bucket, Key: entity + "/" + folder + "/" + filepath.Base(file)}, f, info.Size(), blob.PutOptions{})
	return err
}
