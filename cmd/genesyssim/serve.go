package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/genesyssim"
)

// settleEvery is how often jobs that nobody asks for are looked after.
const settleEvery = 200 * time.Millisecond

// serve runs until ctx ends.
func serve(ctx context.Context, o *options, out io.Writer) error {
	if o.s3.Endpoint != "" || o.s3.Region != "" {
		store, err := o.s3.Open(ctx)
		if err != nil {
			return app.Usage(err)
		}
		defer store.Close()
		o.config.Store = store
	}
	sim, err := genesyssim.New(o.config)
	if err != nil {
		return app.Usage(err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.address)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	fmt.Fprintf(out, "login and API: http://%s\n", l.Addr())
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			sim.Settle(ctx)
		case err := <-failed:
			return err
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), server.Close())
		}
	}
}
