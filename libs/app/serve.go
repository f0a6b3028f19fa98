package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// stopWait is how long requests that run may take when the service stops.
const stopWait = 5 * time.Second

// HTTP says what a service serves beside its work.
type HTTP struct {
	Address   string // host:port; port 0 takes a free one
	Setting   string // what sets the address, for the error when it is taken: "http (MASKRAIL_HTTP)"
	Service   string
	Telemetry *telemetry.Telemetry
	Others    []*telemetry.Telemetry  // services in the same process, whose metrics are served as well
	Checks    []Check                 // for /readyz
	Handlers  map[string]http.Handler // more, by pattern of http.ServeMux: "GET /refresh/{run}"
}

// Server is a running HTTP server.
type Server struct {
	address string
	done    chan struct{}
	err     error
}

// Addr is the address that was bound, host:port.
func (s *Server) Addr() string { return s.address }

// Wait returns when the server has stopped: nil after the context's end.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// Serve listens and serves until ctx ends: /metrics (Prometheus), /healthz (the process lives), /readyz (every
// check passes; 503 with the names of those that fail) and the handlers of c.
func Serve(ctx context.Context, c HTTP) (*Server, error) {
	log := c.Telemetry.Log()
	mux := http.NewServeMux()
	handlers := map[string]http.Handler{
		"GET /metrics": c.Telemetry.Metrics(c.Others...),
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			WriteJSON(w, http.StatusOK, map[string]string{"service": c.Service, "version": Version()})
		}),
		"GET /readyz": newReadiness(c.Checks, log),
	}
	for _, set := range []map[string]http.Handler{handlers, c.Handlers} {
		for pattern, h := range set {
			if err := handle(mux, pattern, h); err != nil {
				return nil, err
			}
		}
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Address)
	if err != nil {
		return nil, listenError(c, err)
	}
	server := &http.Server{
		Handler:           survive(mux, log),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	s := &Server{address: listener.Addr().String(), done: make(chan struct{})}
	go s.run(ctx, server, listener)
	return s, nil
}

// run serves until ctx ends or the listener fails.
func (s *Server) run(ctx context.Context, server *http.Server, listener net.Listener) {
	defer close(s.done)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		s.err = fmt.Errorf("serve http on %s: %w", s.address, err)
	case <-ctx.Done():
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
		defer cancel()
		if err := server.Shutdown(stopping); err != nil {
			err = errors.Join(err, server.Close())
			s.err = fmt.Errorf("stop http on %s: %w", s.address, err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			s.err = errors.Join(s.err, err)
		}
	}
}

func listenError(c HTTP, err error) error {
	setting := c.Setting
	if setting == "" {
		setting = "http (" + EnvPrefix + "HTTP)"
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen on %s: the address is taken: stop what uses it, or set %s to another", c.Address, setting)
	}
	return fmt.Errorf("listen on %s: %w: set %s to an address of this machine", c.Address, err, setting)
}

// handle returns what ServeMux panics with, a wrong or repeated pattern, as an error.
func handle(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("serve http: pattern %q is wrong or there twice", pattern)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// survive answers 500 when a handler panics, and logs the type of the panic: net/http would log its text.
func survive(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v) // net/http's own way to drop a connection; it logs nothing
			default:
				log.ErrorContext(r.Context(), "http handler panicked", "panic", fmt.Sprintf("%T", v))
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
