package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/blobtest"
	"github.com/maskrail/maskrail/libs/blob/s3"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/s3event"
)

// parentCommand makes the test binary a process that starts a gateway in a folder and waits to be killed.
const parentCommand = "internal-test-parent"

// TestMain lets the test binary be what a stack executes again.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == GatewayCommand:
		if ServeGateway(context.Background(), os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case len(os.Args) > 2 && os.Args[1] == parentCommand:
		g, err := startGateway(context.Background(), GatewayConfig{Dir: os.Args[2], Addr: "127.0.0.1:0", AccessKey: "test", SecretKey: keys.NewSecret([]byte("test-secret"))})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(g.addr)
		select {}
	}
	os.Exit(m.Run())
}

func gatewayConfig(dir string) GatewayConfig {
	return GatewayConfig{Dir: dir, Addr: "127.0.0.1:0", AccessKey: "test-access", SecretKey: keys.NewSecret([]byte("test-secret-canary"))}
}

func runGateway(t *testing.T, c GatewayConfig) *gateway {
	t.Helper()
	g, err := startGateway(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.stop(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func connect(t *testing.T, g *gateway, c GatewayConfig, page int) *s3.Store {
	t.Helper()
	store, err := s3.New(t.Context(), s3.Config{Endpoint: g.URL(), AccessKey: c.AccessKey, SecretKey: c.SecretKey, PathStyle: true, PageSize: page})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestGatewayConformance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		sidecar  bool
		versions bool
	}{
		{name: "plain"},
		{name: "no extended attributes", sidecar: true},
		{name: "versioning", versions: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := gatewayConfig(t.TempDir())
			c.versions = tt.versions
			if tt.sidecar {
				if err := os.Mkdir(filepath.Join(c.Dir, "object-metadata"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			g := runGateway(t, c)
			store := connect(t, g, c, 100)
			for range 2 {
				if err := store.EnsureBucket(t.Context(), "bucket"); err != nil {
					t.Fatal(err)
				}
			}
			if tt.versions {
				if err := store.EnableVersioning(t.Context(), "bucket"); err != nil {
					t.Fatal(err)
				}
			}
			if err := store.ProbeConditionalPut(t.Context(), "bucket"); err != nil {
				t.Error(err)
			}
			var except []string
			if tt.versions {
				// This server takes a delete marker for an object; S3 does not.
				except = append(except, "conditional put after delete")
			}
			blobtest.Run(t, func(*testing.T) (blob.Store, string) { return store, "bucket" }, except...)
		})
	}
}

func TestGatewayBucketsArePlainFolders(t *testing.T) {
	t.Parallel()
	c := gatewayConfig(t.TempDir())
	hand := filepath.Join(c.Dir, "s3", "made-by-hand", "interaction")
	if err := os.MkdirAll(hand, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(hand, "copied.csv"), []byte("copied"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := runGateway(t, c)
	store := connect(t, g, c, 0)
	if err := store.EnsureBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), blob.Location{Bucket: "bucket", Key: "a b/c+d.csv"}, strings.NewReader("x"), 1, blob.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.Dir, "s3", "bucket", "a b", "c+d.csv")
	if b, err := os.ReadFile(path); err != nil || string(b) != "x" {
		t.Errorf("file of the object: %q, %v", b, err)
	}
	if fi, err := os.Stat(path); err == nil && fi.Mode().Perm() != 0o600 {
		t.Errorf("file of the object has mode %v, want 0600", fi.Mode().Perm())
	}

	// A file that somebody copied into a folder is an object too, with a version that follows its content.
	if err := store.EnsureBucket(t.Context(), "made-by-hand"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), blob.Location{Bucket: "made-by-hand", Key: "put/k"}, strings.NewReader("x"), 1, blob.PutOptions{IfAbsent: true}); err != nil {
		t.Error(err)
	}
	var found []blob.Object
	for o, err := range store.List(t.Context(), "made-by-hand", "interaction/") {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, o)
	}
	if len(found) != 1 || found[0].Key != "interaction/copied.csv" || !strings.HasPrefix(found[0].Version, "time:") {
		t.Fatalf("listing of a folder made by hand: %d objects", len(found))
	}
	file, err := blob.Download(t.Context(), store, found[0].Location, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if b, _ := io.ReadAll(file); string(b) != "copied" || file.Object.Version != found[0].Version {
		t.Errorf("got %q with version %s, want that of the listing, %s", b, file.Object.Version, found[0].Version)
	}
	if err := os.WriteFile(filepath.Join(hand, "copied.csv"), []byte("longer than before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Get(t.Context(), found[0].Location, blob.Range{}); !errors.Is(err, blob.ErrChanged) {
		t.Errorf("read of the old version: %v, want ErrChanged", err)
	}
}

func TestGatewayDetectsBitRot(t *testing.T) {
	t.Parallel()
	c := gatewayConfig(t.TempDir())
	g := runGateway(t, c)
	store := connect(t, g, c, 0)
	if err := store.EnsureBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	o, err := store.Put(t.Context(), blob.Location{Bucket: "bucket", Key: "k"}, strings.NewReader("hello"), 5, blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(c.Dir, "s3", "bucket", "k"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("j"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if file, err := blob.Download(t.Context(), store, o.Location, t.TempDir()); !errors.Is(err, blob.ErrChecksum) {
		if err == nil {
			file.Close()
		}
		t.Errorf("download of flipped bytes: %v, want ErrChecksum", err)
	}
}

func TestGatewayEvents(t *testing.T) {
	t.Parallel()
	store, told := gatewayEvents(t, "bucket")
	const key = "interaction/a b+c%d ü.csv"
	o, err := store.Put(t.Context(), blob.Location{Bucket: "bucket", Key: key}, strings.NewReader("x"), 1, blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if e := told(); e.Dialect != "versitygw" || e.Kind != s3event.Created || e.Bucket != "bucket" || e.Key != key || e.ETag != o.ETag || e.Size != 1 {
		t.Errorf("the event describes another object than was put: %+v", e)
	}
}

// TestGatewayEventsOfMany: each of many objects that are put side by side is told by its own bucket and key.
func TestGatewayEventsOfMany(t *testing.T) {
	t.Parallel()
	buckets := []string{"bucket", "another-bucket"}
	store, told := gatewayEvents(t, buckets...)
	const clients, each = 4, 500
	missing := map[blob.Location]bool{}
	var putting errgroup.Group
	for c := range clients {
		var own []blob.Location
		for i := range each {
			at := blob.Location{Bucket: buckets[i%2], Key: fmt.Sprintf("interaction/%d-%d", c, i)}
			missing[at], own = true, append(own, at)
		}
		putting.Go(func() error {
			for _, at := range own {
				if _, err := store.Put(t.Context(), at, strings.NewReader("x"), 1, blob.PutOptions{}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := putting.Wait(); err != nil {
		t.Fatal(err)
	}
	for range clients * each {
		e := told()
		at := blob.Location{Bucket: e.Bucket, Key: e.Key}
		if !missing[at] {
			t.Errorf("told of %v, which was not put, or twice", at)
		}
		delete(missing, at)
	}
}

// gatewayEvents starts a gateway with those buckets. told waits for the next event of a put.
func gatewayEvents(t *testing.T, buckets ...string) (store *s3.Store, told func() s3event.Event) {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(patience) {
		t.Fatal("nats-server does not start")
	}
	nc, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	sub, err := nc.SubscribeSync(GatewayTopic)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	c := gatewayConfig(t.TempDir())
	c.NATSURL = ns.ClientURL()
	g := runGateway(t, c)
	store = connect(t, g, c, 0)
	for _, bucket := range buckets {
		if err := store.EnsureBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	return store, func() s3event.Event {
		t.Helper()
		for {
			m, err := sub.NextMsg(patience)
			if err != nil {
				t.Fatalf("no event of a put: %v", err)
			}
			if !bytes.Contains(m.Data, []byte("ObjectCreated:Put")) {
				continue
			}
			events, err := s3event.Parse(m.Data)
			if err != nil || len(events) != 1 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			return events[0]
		}
	}
}

func TestGatewayRefusesToStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*GatewayConfig)
		want   []string
	}{
		{"port taken", func(c *GatewayConfig) { c.Addr = taken.Addr().String() }, []string{taken.Addr().String(), "used by another process"}},
		{"address without port", func(c *GatewayConfig) { c.Addr = "127.0.0.1" }, []string{`want "host:port"`}},
		{"folder cannot be made", func(c *GatewayConfig) { c.Dir = file }, []string{"folder of the buckets", file}},
		{"nats away", func(c *GatewayConfig) { c.NATSURL = "nats://127.0.0.1:1" }, []string{"event"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := gatewayConfig(t.TempDir())
			tt.change(&c)
			g, err := startGateway(t.Context(), c)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it started"), g.stop()))
			}
			for _, w := range append(tt.want, "start S3 gateway") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "canary") {
				t.Error("the error shows the secret key")
			}
		})
	}
}

func TestGatewayDiesWithItsParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0], parentCommand, t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		t.Fatalf("address of the gateway: %v", err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	// The child's end closes the connection.
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, err = conn.Read(make([]byte, 1))
	if timeout := (net.Error)(nil); err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		t.Errorf("%v after its parent was killed the gateway still lives: %v", patience, err)
	}
}

func TestGatewayStop(t *testing.T) {
	t.Parallel()
	g := runGateway(t, gatewayConfig(t.TempDir()))
	for range 2 {
		if err := g.stop(); err != nil {
			t.Fatal(err)
		}
	}
	if conn, err := net.Dial("tcp", g.addr); err == nil {
		conn.Close()
		t.Error("a stopped gateway still answers")
	}

	killed := runGateway(t, gatewayConfig(t.TempDir()))
	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-killed.Done():
	case <-time.After(patience):
		t.Error("Done does not tell that the process is gone")
	}
}
