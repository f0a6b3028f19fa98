package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/jetstream"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

const loopback = "127.0.0.1"

// servers starts NATS and S3 and watches over the gateway, which can die by itself.
func (s *Stack) servers(ctx context.Context, c Config) error {
	servers, err := startServers(ctx, c.Dir, c.Ports)
	if err != nil {
		return err
	}
	s.onClose(func(context.Context) error { return servers.Close() })
	go func() {
		<-servers.gateway.Done()
		s.fail(errors.New("the S3 gateway has stopped"))
	}()
	s.info = Info{PID: os.Getpid(), S3: servers.gateway.URL(), NATS: servers.nats.url(), Credentials: c.Dir.Credentials(), Environments: map[string]Environment{}}
	return nil
}

// common is the configuration that the stack's workers share.
func (s *Stack) common(d Dir) (app.Common, error) {
	access, err := d.credentials()
	if err != nil {
		return app.Common{}, err
	}
	c := access.common(s.info.NATS, s.info.S3)
	c.HTTP = loopback + ":0"
	c.TempDir = d.path("tmp")
	return c, nil
}

// connect opens the command's own connections.
func (s *Stack) connect(ctx context.Context, c app.Common) error {
	conn, err := app.Connect(ctx, "maskrail", c, telemetry.Discard())
	if err != nil {
		return err
	}
	s.onClose(func(context.Context) error { return conn.Close() })
	s.conn = conn
	return nil
}

// Provision makes what the workers find on servers: streams, buckets and the durables of the environments. It may run again
// at any time.
func Provision(ctx context.Context, c app.Common, environments ...string) error {
	store, err := c.S3.Open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	for _, b := range []string{c.Buckets.Raw, c.Buckets.Masked, c.Buckets.Quarantine} {
		if err := store.EnsureBucket(ctx, b); err != nil {
			return fmt.Errorf("bucket %s: %w", b, err)
		}
	}
	// A store that lets two writers win would lose or mix objects: nothing may start on it.
	if err := store.ProbeConditionalPut(ctx, c.Buckets.Masked); err != nil {
		return fmt.Errorf("bucket %s: %w", c.Buckets.Masked, err)
	}
	waiting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	b, err := jetstream.Connect(waiting, jetstream.Config{URL: c.NATS.URL, Name: "maskrail-provision", Credentials: c.NATS.Credentials})
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // everything was acknowledged by then
	var durables []bus.Consumer
	for _, env := range environments {
		durables = append(durables, stage.Inputs(masker.Name, env, objref.AtRaw, 0, c.AckWait)...)
		durables = append(durables, stage.Inputs(validator.Name, env, objref.AtMasked, 0, c.AckWait)...)
		durables = append(durables, stage.Inputs(loader.Name, env, objref.AtValidated, 0, c.AckWait)...)
	}
	return jetstream.Provision(waiting, b, bus.Streams(bus.Horizon), durables...)
}

// fail reports that a part has stopped by itself; the first report counts.
func (s *Stack) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}
