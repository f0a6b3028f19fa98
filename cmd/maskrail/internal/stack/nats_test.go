package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/bustest"
	"github.com/maskrail/maskrail/libs/bus/jetstream"
)

// patience is far beyond what anything takes, also where other tests have the machine; a hang shall fail and not stall.
const patience = 2 * time.Minute

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func runServer(t *testing.T, dir string, port int) *natsServer {
	t.Helper()
	n, err := startNATS(dir, "127.0.0.1", port, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func connectNATS(t *testing.T, url string) *jetstream.Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b, err := jetstream.Connect(ctx, jetstream.Config{URL: url, Name: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestJetStreamPromises runs alone: it looks for goroutines that a connection leaves behind.
func TestJetStreamPromises(t *testing.T) {
	bustest.Run(t, func(t *testing.T, streams []bus.Stream) func(*testing.T) bus.Bus {
		n := runServer(t, t.TempDir(), 0)
		t.Cleanup(func() {
			if err := n.stop(); err != nil {
				t.Error(err)
			}
		})
		b := connectNATS(t, n.url())
		defer b.Close()
		if err := jetstream.Provision(t.Context(), b, streams); err != nil {
			t.Fatal(err)
		}
		return func(t *testing.T) bus.Bus { return connectNATS(t, n.url()) }
	})
}

// TestServerRestart stops the server under running workers and starts it again on the same folder and port.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := runServer(t, dir, 0)
	_, portText, err := net.SplitHostPort(strings.TrimPrefix(n.url(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Sscan(portText, &port); err != nil {
		t.Fatal(err)
	}
	b := connectNATS(t, n.url())
	defer b.Close()
	if err := jetstream.Provision(t.Context(), b, bus.Streams(bus.Horizon)); err != nil {
		t.Fatal(err)
	}

	publish := func(body string) {
		t.Helper()
		if err := b.Publish(t.Context(), bus.Message{Subject: "maskrail.raw.call.acme", ID: body, Data: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan string, 100)
	start := func(durable string) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = b.Consume(ctx, bus.Consumer{Stream: bus.Raw, Durable: durable, Workers: 1, AckWait: 2 * time.Second},
				func(ctx context.Context, d bus.Delivery) {
					if err := d.Ack(context.WithoutCancel(ctx)); err == nil {
						got <- durable + " " + string(d.Message().Data)
					}
				})
		}()
		return func() { cancel(); <-done }
	}
	expect := func(want string) {
		t.Helper()
		select {
		case g := <-got:
			if g != want {
				t.Fatalf("handled %q, want %q", g, want)
			}
		case <-time.After(patience):
			t.Fatalf("%q does not come", want)
		}
	}

	// Two durables that start at new messages; the second has seen nothing when it stops.
	defer start("live")()
	stopIdle := start("idle")
	for consumers(t, n, bus.Raw) < 2 {
		<-time.After(10 * time.Millisecond)
	}
	stopIdle()
	publish("before")
	expect("live before")

	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	published := make(chan error, 1)
	go func() { // waits for the server
		published <- b.Publish(t.Context(), bus.Message{Subject: "maskrail.raw.call.acme", ID: "during", Data: []byte("during")})
	}()
	n = runServer(t, dir, port)
	defer func() {
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	}()
	if err := <-published; err != nil {
		t.Fatalf("publish over a restart: %v", err)
	}
	expect("live during")
	publish("before") // still a duplicate
	publish("after")
	expect("live after")

	defer start("idle")()
	for _, body := range []string{"before", "during", "after"} {
		expect("idle " + body)
	}
	var stored []string
	err = b.Read(t.Context(), bus.Query{Stream: bus.Raw}, func(m bus.Message) error {
		stored = append(stored, string(m.Data))
		return nil
	})
	if err != nil || !slices.Equal(stored, []string{"before", "during", "after"}) {
		t.Errorf("stored %q, %v", stored, err)
	}
}

// consumers counts the durables on a stream.
func consumers(t *testing.T, n *natsServer, stream string) int {
	t.Helper()
	jsz, err := n.server.Jsz(&server.JSzOptions{Accounts: true, Streams: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range jsz.AccountDetails {
		for _, s := range a.Streams {
			if s.Name == stream {
				return s.State.Consumers
			}
		}
	}
	return 0
}

func TestProvisionKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	n := runServer(t, t.TempDir(), 0)
	defer n.stop()
	b := connectNATS(t, n.url())
	defer b.Close()
	for _, horizon := range []time.Duration{time.Hour, bus.Horizon, bus.Horizon} {
		if err := jetstream.Provision(t.Context(), b, bus.Streams(horizon)); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), bus.Message{Subject: "maskrail.dead.masker._", Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	stored := 0
	if err := b.Read(t.Context(), bus.Query{Stream: bus.Dead}, func(bus.Message) error { stored++; return nil }); err != nil || stored != 3 {
		t.Errorf("%d messages are there, %v; want 3", stored, err)
	}
}

func TestStartNATSRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a port that is taken", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		_, err = startNATS(t.TempDir(), "127.0.0.1", port, quiet())
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", port)) {
			t.Errorf("error is %v, want one that names port %d", err, port)
		}
	})
	t.Run("an address of another machine", func(t *testing.T) {
		t.Parallel()
		if _, err := startNATS(t.TempDir(), "192.0.2.1", 0, quiet()); err == nil || !strings.Contains(err.Error(), "192.0.2.1") {
			t.Errorf("error is %v, want one that names the address", err)
		}
	})
	t.Run("a store in use", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		n := runServer(t, dir, 0)
		if _, err := startNATS(dir, "127.0.0.1", 0, quiet()); !errors.Is(err, ErrInUse) {
			t.Errorf("error is %v, want ErrInUse", err)
		}
		if err := n.stop(); err != nil {
			t.Fatal(err)
		}
		if err := runServer(t, dir, 0).stop(); err != nil { // free again
			t.Error(err)
		}
	})
	t.Run("a store that is a file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "store")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := startNATS(path, "127.0.0.1", 0, quiet()); err == nil || !strings.Contains(err.Error(), "NATS store") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("a store that cannot be opened", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := startNATS(dir, "127.0.0.1", 0, quiet())
		if err == nil || !strings.Contains(err.Error(), "start NATS with its store") {
			t.Errorf("error is %v", err)
		}
		if f, err := lockStore(dir); err != nil {
			t.Errorf("the store stays locked: %v", err)
		} else {
			f.Close()
		}
	})
}

// TestWorkerWithFewRights: a worker that may neither create consumers nor ask for streams works on a durable that
// is there, and is told when it may not publish.
func TestWorkerWithFewRights(t *testing.T) {
	t.Parallel()
	user := func(name string, publish, subscribe []string) *server.User {
		u := &server.User{Username: name, Password: "p"}
		if publish != nil {
			u.Permissions = &server.Permissions{
				Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: subscribe},
			}
		}
		return u
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		Users: []*server.User{user("operator", nil, nil), user("masker", []string{
			"$JS.API.CONSUMER.INFO.RAW.masker", "$JS.API.CONSUMER.MSG.NEXT.RAW.masker",
			"$JS.ACK.RAW.masker.>", "$JS.ACK.*.*.RAW.masker.>", "maskrail.masked.>",
		}, []string{"_INBOX_masker.>"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer stopNATS(s)
	connect := func(user, inbox string) *jetstream.Bus {
		url := strings.Replace(s.ClientURL(), "nats://", "nats://"+user+":p@", 1)
		b, err := jetstream.Connect(t.Context(), jetstream.Config{URL: url, Name: user, InboxPrefix: inbox})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	operator := connect("operator", "")
	defer operator.Close()
	c := bus.Consumer{Stream: bus.Raw, Durable: "masker", Workers: 2, AckWait: 30 * time.Second}
	for range 2 { // the second time changes nothing
		if err := jetstream.Provision(t.Context(), operator, bus.Streams(bus.Horizon), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := operator.Publish(t.Context(), bus.Message{Subject: "maskrail.raw.call.acme", Data: []byte("1")}); err != nil {
		t.Fatal(err)
	}

	worker := connect("masker", "_INBOX_masker")
	defer worker.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	handled := false
	_ = worker.Consume(ctx, c, func(ctx context.Context, d bus.Delivery) {
		defer cancel()
		handled = true
		if err := worker.Publish(ctx, bus.Message{Subject: "maskrail.masked.sandbox.call.acme", Data: []byte("1")}); err != nil {
			t.Error(err)
		}
		if err := d.Ack(ctx); err != nil {
			t.Error(err)
		}
	})
	if !handled {
		t.Error("the message does not come")
	}
	err = worker.Publish(t.Context(), bus.Message{Subject: "maskrail.raw.call.acme", Data: []byte("1")})
	if err == nil || !strings.Contains(err.Error(), "allow this user to publish") {
		t.Errorf("publishing what is not allowed: %v", err)
	}
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := jetstream.Connect(ctx, jetstream.Config{URL: "nats://user:secret@127.0.0.1:1"})
	if err == nil || !strings.Contains(err.Error(), "is the server running?") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v", err)
	}
	if _, err := jetstream.Connect(t.Context(), jetstream.Config{}); err == nil || !strings.Contains(err.Error(), "URL") {
		t.Errorf("error is %v", err)
	}
}
