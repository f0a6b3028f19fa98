package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsReady is how long the server may take to open its store and its port. A store with a long history is
// read once at the start.
const natsReady = time.Minute

// natsServer is a NATS server with JetStream within this process.
type natsServer struct {
	server *server.Server
	lock   *fileLock
}

// startNATS starts a server that keeps its streams under dir and listens on host and port; port 0 takes a free
// one. Each message is on disk when it is acknowledged.
func startNATS(dir, host string, port int, log *slog.Logger) (*natsServer, error) {
	lock, err := lockStore(dir)
	if err != nil {
		return nil, err
	}
	n := &natsServer{lock: lock}
	if n.server, err = runNATS(dir, host, port, log); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return n, nil
}

// lockStore makes dir if need be and takes it for this process, because two servers on one store destroy it.
func lockStore(dir string) (*fileLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("NATS store: %w (choose a folder that can be written)", err)
	}
	l, err := lockFile(filepath.Join(dir, "lock"))
	switch {
	case errors.Is(err, ErrInUse):
		return nil, fmt.Errorf("NATS store %s: %w: stop the other server or choose another folder", dir, err)
	case err != nil:
		return nil, fmt.Errorf("NATS store: %w (choose a folder that can be written)", err)
	}
	return l, nil
}

func runNATS(dir, host string, port int, log *slog.Logger) (*server.Server, error) {
	// The server says of a taken port only that it did not start, so it is tried first.
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("NATS cannot listen on %s: port %d is taken: stop what uses it or choose another port (0 takes a free one)", host, port)
		}
		return nil, fmt.Errorf("NATS cannot listen on %s port %d: %w", host, port, err)
	}
	if err := l.Close(); err != nil {
		return nil, fmt.Errorf("NATS cannot listen on %s port %d: %w", host, port, err)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "maskrail", Host: host, Port: port, NoSigs: true,
		JetStream: true, StoreDir: dir, SyncAlways: true,
		// A worker that was killed is noticed within half a minute, so its pull requests do not linger.
		PingInterval: 10 * time.Second, MaxPingsOut: 2,
	})
	if err != nil {
		return nil, fmt.Errorf("configure NATS: %w", err)
	}
	fatal := make(chan error, 1)
	s.SetLoggerV2(natsLog{log: log, fatal: fatal}, false, false, false)
	s.Start()
	ready := make(chan bool, 1)
	go func() { ready <- s.ReadyForConnections(natsReady) }()
	var failed error
	select {
	case failed = <-fatal:
	case ok := <-ready:
		if ok {
			return s, nil
		}
		failed = fmt.Errorf("not ready within %v", natsReady)
	}
	stopNATS(s)
	return nil, fmt.Errorf("start NATS with its store in %s: %w (is the folder writable and the disk not full?)", dir, failed)
}

// url is where clients connect.
func (n *natsServer) url() string { return n.server.ClientURL() }

// stop shuts the server down and returns when its files are closed.
func (n *natsServer) stop() error {
	stopNATS(n.server)
	if err := n.lock.Close(); err != nil {
		return fmt.Errorf("release the NATS store: %w", err)
	}
	return nil
}

func stopNATS(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// natsLog writes what the server says to our log; its notices are details here. With a logger of our own,
// a fatal error does not end the process.
type natsLog struct {
	log   *slog.Logger
	fatal chan<- error
}

func (l natsLog) Noticef(format string, v ...any) { l.say(l.log.Debug, format, v) }
func (l natsLog) Warnf(format string, v ...any)   { l.say(l.log.Warn, format, v) }
func (l natsLog) Errorf(format string, v ...any)  { l.say(l.log.Error, format, v) }
func (l natsLog) Debugf(format string, v ...any)  { l.say(l.log.Debug, format, v) }
func (l natsLog) Tracef(string, ...any)           {} // would show message bodies

func (l natsLog) Fatalf(format string, v ...any) {
	select {
	case l.fatal <- fmt.Errorf(format, v...):
	default:
	}
}

func (l natsLog) say(write func(string, ...any), format string, v []any) {
	write(fmt.Sprintf(format, v...), "server", "nats")
}
