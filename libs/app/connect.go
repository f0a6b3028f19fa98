package app

import (
	"context"
	"errors"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/s3"
	"github.com/maskrail/maskrail/libs/bus/jetstream"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Connections is what Connect opened. Close ends it.
type Connections struct {
	Deps
	bus   *jetstream.Bus
	store *s3.Store
}

// Open makes a connection to the store. It does not talk to the server yet.
func (c S3) Open(ctx context.Context) (*s3.Store, error) {
	secret, err := c.Secret()
	if err != nil {
		return nil, err
	}
	store, err := s3.New(ctx, s3.Config{Endpoint: c.Endpoint, Region: c.Region, AccessKey: c.AccessKey, SecretKey: secret, PathStyle: c.PathStyle})
	if err != nil {
		return nil, Usage(err) // nothing was asked of a server yet
	}
	return store, nil
}

// Connect opens the connections of one service. It waits for the bus until ctx ends.
func Connect(ctx context.Context, service string, c Common, tel *telemetry.Telemetry) (*Connections, error) {
	store, err := c.S3.Open(ctx)
	if err != nil {
		return nil, err
	}
	b, err := jetstream.Connect(ctx, jetstream.Config{URL: c.NATS.URL, Name: service, Credentials: c.NATS.Credentials, Log: tel.Log()})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &Connections{Deps: Deps{Bus: b, Store: blob.Traced(store), Telemetry: tel}, bus: b, store: store}, nil
}

// Close ends the connections. The telemetry is the caller's.
func (c *Connections) Close() error { return errors.Join(c.bus.Close(), c.store.Close()) }

// Checks are for /readyz: the bus answers, and the bucket is there.
func (c *Connections) Checks(bucket string) []Check {
	return []Check{
		{Name: "bus", Run: func(context.Context) error {
			if !c.bus.Connected() {
				return errors.New("not connected")
			}
			return nil
		}},
		{Name: "bucket", Run: func(ctx context.Context) error { return c.store.HeadBucket(ctx, bucket) }},
	}
}

// ProbeConditionalPut is s3.Store.ProbeConditionalPut, for the services that write objects once.
func (c *Connections) ProbeConditionalPut(ctx context.Context, bucket string) error {
	return c.store.ProbeConditionalPut(ctx, bucket)
}
