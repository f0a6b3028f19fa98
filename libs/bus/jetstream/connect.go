// Package jetstream is the bus on NATS JetStream, and the only importer of the NATS client.
package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
)

// requestTimeout bounds one question to the server; what matters is asked again.
const requestTimeout = 5 * time.Second

// drainTimeout bounds Close.
const drainTimeout = 10 * time.Second

// Config says which server to connect to, and as whom.
type Config struct {
	URL         string // one or more nats:// or tls:// addresses, separated by commas
	Name        string // of the connection, shown by the server's monitoring, e.g. "masker"
	Credentials string // file of a user's JWT and seed (.creds); "" for none
	NKey        string // file of an nkey seed; "" for none
	CAs         string // file of certificate authorities (PEM) beside the system's; "" for none
	// InboxPrefix is where answers come, for servers that give each user a prefix of its own; "" means "_INBOX".
	InboxPrefix string
	// Replicas of what this connection creates: 1 or 3; 0 means what is there, or 1. Two give no benefit.
	Replicas int
	Log      *slog.Logger // nil means none
}

// Validate says what is wrong with c.
func (c Config) Validate() error {
	if c.URL == "" {
		return errors.New("nats: the server's URL is missing, e.g. nats://127.0.0.1:4222")
	}
	if c.Credentials != "" && c.NKey != "" {
		return errors.New("nats: give a credentials file or an nkey file, not both")
	}
	if c.Replicas < 0 || c.Replicas > 5 {
		return fmt.Errorf("nats: %d replicas are not possible, the limit is 5 (use 1 or 3)", c.Replicas)
	}
	return nil
}

// Bus is a connection to a NATS server with JetStream.
type Bus struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	replicas int
	log      *slog.Logger
	closed   chan struct{} // closed when the connection is
	denied   sync.Map      // subjects that the server refused to this user
}

var _ bus.Bus = (*Bus)(nil)

// Connect connects to the server, waiting for one until ctx ends. Afterwards the connection is restored whenever
// it breaks, without limit.
func Connect(ctx context.Context, c Config) (*Bus, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b := &Bus{replicas: c.Replicas, log: c.Log, closed: make(chan struct{})}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	up := make(chan struct{})
	opts, err := b.options(c, sync.OnceFunc(func() { close(up) }))
	if err != nil {
		return nil, err
	}
	if b.nc, err = nats.Connect(c.URL, opts...); err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", shown(c.URL), err)
	}
	select {
	case <-up:
	case <-b.closed:
		return nil, fmt.Errorf("connect to NATS at %s: %w", shown(c.URL), b.nc.LastError())
	case <-ctx.Done():
		last := b.nc.LastError()
		if last == nil {
			last = nats.ErrNoServers
		}
		b.nc.Close()
		<-b.closed
		return nil, fmt.Errorf("connect to NATS at %s: %w; last try: %w; is the server running?", shown(c.URL), context.Cause(ctx), last)
	}
	if b.js, err = jetstream.New(b.nc, jetstream.WithDefaultTimeout(requestTimeout)); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to NATS: %w", err), b.Close())
	}
	return b, nil
}

func (b *Bus) options(c Config, up func()) ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name(c.Name), nats.Timeout(requestTimeout), nats.DrainTimeout(drainTimeout),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, time.Second),
		nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ConnectHandler(func(*nats.Conn) { up() }),
		nats.ReconnectHandler(func(*nats.Conn) { up(); b.log.Info("connected to NATS again") }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("connection to NATS lost; connecting again", "error", err)
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.ErrorHandler(b.serverError),
	}
	if c.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.Credentials))
	}
	if c.NKey != "" {
		o, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, fmt.Errorf("nats: read the nkey file: %w", err)
		}
		opts = append(opts, o)
	}
	if c.CAs != "" {
		opts = append(opts, nats.RootCAs(c.CAs))
	}
	if c.InboxPrefix != "" {
		opts = append(opts, nats.CustomInboxPrefix(c.InboxPrefix))
	}
	return opts, nil
}

// serverError takes what the server says outside of an answer. A refused publish has no other answer.
func (b *Bus) serverError(_ *nats.Conn, _ *nats.Subscription, err error) {
	b.log.Warn("NATS reports an error", "error", err)
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	if _, rest, ok := strings.Cut(err.Error(), `ublish to "`); ok {
		if subject, _, ok := strings.Cut(rest, `"`); ok {
			b.denied.Store(subject, true)
		}
	}
}

// Connected reports whether the server can be reached at this moment.
func (b *Bus) Connected() bool { return b.nc.IsConnected() }

// Close implements bus.Bus.
func (b *Bus) Close() error {
	select {
	case <-b.closed:
		return nil
	default:
	}
	if !b.nc.IsConnected() { // nothing can be drained
		b.nc.Close()
		<-b.closed
		return nil
	}
	if err := b.nc.Drain(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		b.nc.Close()
		<-b.closed
		return fmt.Errorf("close the connection to NATS: %w", err)
	}
	<-b.closed
	return nil
}

// shown is the address without user, password or token.
func shown(urls string) string {
	list := strings.Split(urls, ",")
	for i, s := range list {
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil {
			list[i] = "(not a URL)"
			continue
		}
		u.User = nil
		list[i] = u.String()
	}
	return strings.Join(list, ",")
}
