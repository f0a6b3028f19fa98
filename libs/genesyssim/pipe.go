package genesyssim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Pipe serves a handler without a network: all that the client asks for goes to it, whatever the host, over connections
// in memory that speak real HTTP. Within a bubble of testing/synctest its waits are durable. done ends both sides. URLs
// must begin with http, because there is no certificate.
func Pipe(h http.Handler) (client *http.Client, done func()) {
	l := &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) }) // ends with ErrServerClosed
	transport := &http.Transport{DialContext: l.dial}
	return &http.Client{Transport: transport}, func() {
		transport.CloseIdleConnections()
		_ = server.Close() // closing pipes does not fail
		serving.Wait()
	}
}

// pipes is a listener whose connections are in memory.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.connections <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, errors.New("genesyssim: dial: the server is closed")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }
