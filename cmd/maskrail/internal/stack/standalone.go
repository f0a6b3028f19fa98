package stack

import (
	"context"
	"errors"
	"log/slog"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
)

// Servers are NATS and S3 on a folder without workers, for workers that run as processes of their own.
type Servers struct {
	nats    *natsServer
	gateway *gateway
	access  credentials
}

// StartServers starts both on free ports of this machine. The program must answer GatewayCommand with ServeGateway.
// Streams and buckets are for Provision to make.
func StartServers(ctx context.Context, dir Dir) (*Servers, error) {
	if err := dir.make(); err != nil {
		return nil, err
	}
	access, err := dir.credentials()
	if err != nil {
		return nil, err
	}
	n, err := startNATS(dir.path("nats"), loopback, 0, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	g, err := startGateway(ctx, GatewayConfig{
		Dir: string(dir), Addr: loopback + ":0", AccessKey: access.access, SecretKey: keys.NewSecret([]byte(access.secret)), NATSURL: n.url(),
	})
	if err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return &Servers{nats: n, gateway: g, access: access}, nil
}

// Common is the configuration of a worker on these servers.
func (s *Servers) Common() app.Common {
	c := app.DefaultCommon()
	c.NATS.URL = s.nats.url()
	c.S3 = app.S3{Endpoint: s.gateway.URL(), AccessKey: s.access.access, SecretKey: keys.NewSecret([]byte(s.access.secret)), PathStyle: true}
	return c
}

// Close stops the servers. Call it when the workers have stopped.
func (s *Servers) Close() error { return errors.Join(s.gateway.stop(), s.nats.stop()) }
