package stack

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"

	"github.com/maskrail/maskrail/libs/app"
)

// Servers are NATS and S3 on a folder without workers, for workers that run as processes of their own.
type Servers struct {
	nats    *natsServer
	gateway *gateway
	access  credentials
}

// StartServers starts both on free ports of this machine. The program must answer GatewayCommand with ServeGateway.
// Streams and buckets are for Provision to make. change may alter the gateway, say that it sends no events.
func StartServers(ctx context.Context, dir Dir, change ...func(*GatewayConfig)) (*Servers, error) {
	if err := dir.make(); err != nil {
		return nil, err
	}
	return startServers(ctx, dir, Ports{}, change...)
}

// startServers starts NATS and, told where to send its events, the S3 gateway.
func startServers(ctx context.Context, dir Dir, ports Ports, change ...func(*GatewayConfig)) (*Servers, error) {
	access, err := dir.credentials()
	if err != nil {
		return nil, err
	}
	n, err := startNATS(dir.path("nats"), loopback, ports.NATS, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	c := GatewayConfig{
		Dir: string(dir), Addr: net.JoinHostPort(loopback, strconv.Itoa(ports.S3)),
		AccessKey: access.access, SecretKey: access.secretKey(), NATSURL: n.url(),
	}
	for _, f := range change {
		f(&c)
	}
	g, err := startGateway(ctx, c)
	if err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return &Servers{nats: n, gateway: g, access: access}, nil
}

// Common is the configuration of a worker on these servers.
func (s *Servers) Common() app.Common { return s.access.common(s.nats.url(), s.gateway.URL()) }

// Close stops the servers. Call it when the workers have stopped.
func (s *Servers) Close() error { return errors.Join(s.gateway.stop(), s.nats.stop()) }
