package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/maskrail/maskrail/libs/app"
)

// Remote says where running servers are, with workers of their own.
type Remote struct {
	NATS, NATSCredentials string
	S3, Region            string
	PathStyle             bool
	Buckets               app.Buckets
}

// Flags gives a command the addresses. Keys of the object store are not for command lines: they come from where AWS
// tools find them.
func (r *Remote) Flags(f *pflag.FlagSet) {
	d := app.DefaultCommon().Buckets
	f.StringVar(&r.NATS, "nats", "", "address of a running NATS server, as in nats://host:4222, to use instead of --dir")
	f.StringVar(&r.NATSCredentials, "nats-credentials", "", "credentials file (.creds) for --nats")
	f.StringVar(&r.S3, "s3", "", "address of a running S3 server, as in http://host:7070; empty with --nats means AWS")
	f.StringVar(&r.Region, "s3-region", "", "region for --s3")
	f.BoolVar(&r.PathStyle, "s3-path-style", true, "put the bucket into the path, as servers other than AWS need it")
	f.StringVar(&r.Buckets.Raw, "raw-bucket", d.Raw, "raw bucket on --s3")
	f.StringVar(&r.Buckets.Masked, "masked-bucket", d.Masked, "masked bucket on --s3")
	f.StringVar(&r.Buckets.Quarantine, "quarantine-bucket", d.Quarantine, "quarantine bucket on --s3")
}

// Common is the configuration of a worker on these servers.
func (r Remote) Common() (app.Common, error) {
	c := app.DefaultCommon()
	c.NATS = app.NATS{URL: r.NATS, Credentials: r.NATSCredentials}
	c.S3 = app.S3{Endpoint: r.S3, Region: r.Region, PathStyle: r.PathStyle && r.S3 != ""}
	c.Buckets = r.Buckets
	if err := c.Validate(); err != nil {
		return c, app.Usage(err)
	}
	return c, nil
}

// reach is how long a command waits for servers that it was told of. A worker waits for as long as it takes; somebody who
// typed a wrong address wants to know.
const reach = 10 * time.Second

// attachRemote connects to running servers. Whether workers of the environment listen there shows when they work.
func attachRemote(ctx context.Context, c Config) (*Stack, error) {
	common, err := c.Remote.Common()
	if err != nil {
		return nil, err
	}
	s := &Stack{buckets: common.Buckets, failed: make(chan error, 1), info: Info{S3: c.Remote.S3, NATS: c.Remote.NATS}}
	waiting, cancel := context.WithTimeoutCause(ctx, reach, fmt.Errorf("no answer for %s: look at the address and the credentials", reach))
	defer cancel()
	if err := s.connect(waiting, common); err != nil {
		return nil, errors.Join(fmt.Errorf("connect: %w", err), s.Close(ctx))
	}
	return s, nil
}
