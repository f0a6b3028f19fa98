package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/s3"
	"github.com/maskrail/maskrail/libs/bus/jetstream"
	"github.com/maskrail/maskrail/libs/objref"
)

// The test binary is what a stack executes again for its S3 server.
func init() {
	if len(os.Args) > 1 && os.Args[1] == stack.GatewayCommand {
		if stack.ServeGateway(context.Background(), os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// environment is the sandbox of a cluster.
const environment = "sandbox"

// services are the workers, in the order of the flow.
var services = []string{"exporter", "masker", "validator", "loader"}

// cluster is the four workers as processes of their own, on servers that live in the test's process.
type cluster struct {
	dir     string
	common  app.Common
	store   *s3.Store
	bus     *jetstream.Bus
	workers map[string]*worker
}

// newCluster starts the servers, provisions them and configures the workers, which do not run yet.
func newCluster(t *testing.T, policy string, change ...func(*stack.GatewayConfig)) *cluster {
	t.Helper()
	c := &cluster{dir: t.TempDir(), workers: map[string]*worker{}}
	servers, err := stack.StartServers(t.Context(), stack.Dir(c.dir), change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servers.Close(); err != nil {
			t.Error(err)
		}
	})
	c.common = servers.Common()
	c.connect(t)
	maskrailEnv(t, []string{"AWS_ACCESS_KEY_ID=" + c.common.S3.AccessKey, "AWS_SECRET_ACCESS_KEY=" + c.secret()},
		"provision", "--nats", c.common.NATS.URL, "--s3", c.common.S3.Endpoint, "--env", environment).ok(t)

	key, masker, validator := filepath.Join(c.dir, "root.key"), filepath.Join(c.dir, "masker.pem"), filepath.Join(c.dir, "validator.pem")
	maskrail(t, "keygen", "--out", key).ok(t)
	maskrail(t, "keygen", "--signing", masker).ok(t)
	maskrail(t, "keygen", "--signing", validator).ok(t)
	seal := filepath.Join(c.dir, "seal.pem")
	maskrail(t, "keygen", "--sealing", seal).ok(t)
	c.configure(t, "exporter", "environments: [%s]\nsweep: 2s\n", environment)
	c.configure(t, "masker", "environment: %s\npolicy: %s\nkeyFile: %s\nsigningKey: %s\nsealTo: %s\n", environment, policy, key, masker, seal+".pub")
	trust := filepath.Join(c.dir, "trust")
	maskrail(t, "trust", "add", trust, "--role", "masker", "--key", masker+".pub", "--env", environment).ok(t)
	maskrail(t, "trust", "add", trust, "--role", "validator", "--key", validator+".pub", "--env", environment).ok(t)
	maskrail(t, "trust", "allow", trust, "--policy", policy, "--env", environment).ok(t)
	c.configure(t, "validator", "environment: %s\npolicy: %s\nsigningKey: %s\nsealKey: %s\ntrust: %s\n", environment, policy, validator, seal, trust)
	c.configure(t, "loader", "environment: %s\nsandbox: %s\ntrust: %s\n", environment, c.sandbox(), trust)
	return c
}

func (c *cluster) secret() string  { return string(c.common.S3.SecretKey.Bytes()) }
func (c *cluster) sandbox() string { return filepath.Join(c.dir, environment+".duckdb") }

// bucket is the folder of a bucket.
func (c *cluster) bucket(name string) string { return stack.Dir(c.dir).Bucket(name) }

// connect opens the test's own connections.
func (c *cluster) connect(t *testing.T) {
	t.Helper()
	var err error
	c.store, err = s3.New(t.Context(), s3.Config{Endpoint: c.common.S3.Endpoint, AccessKey: c.common.S3.AccessKey, SecretKey: c.common.S3.SecretKey, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.bus, err = jetstream.Connect(t.Context(), jetstream.Config{URL: c.common.NATS.URL, Name: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.store.Close()
		c.bus.Close()
	})
}

// put drops a file into the raw bucket.
func (c *cluster) put(t *testing.T, file, key string) objref.Object {
	t.Helper()
	return put(t, c.store, c.common.Buckets.Raw, file, key)
}

func put(t *testing.T, store blob.Store, bucket, file, key string) objref.Object {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	o, err := store.Put(t.Context(), blob.Location{Bucket: bucket, Key: key}, f, info.Size(), blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return objref.From(o)
}

// ackWait is how soon the work of a killed worker comes again.
const ackWait = 2 * time.Second

// configure writes the configuration file of a worker.
func (c *cluster) configure(t *testing.T, name, format string, args ...any) {
	t.Helper()
	w := &worker{name: name, address: freePort(t), log: filepath.Join(c.dir, "logs", name+".jsonl"), temp: filepath.Join(c.dir, "tmp", name), config: filepath.Join(c.dir, name+".yaml")}
	text := fmt.Sprintf("nats: {url: %s}\ns3: {endpoint: %s, accessKey: %s, pathStyle: true}\nhttp: %s\ntempDir: %s\nackWait: %s\n",
		c.common.NATS.URL, c.common.S3.Endpoint, c.common.S3.AccessKey, w.address, w.temp, ackWait) + fmt.Sprintf(format, args...)
	if err := os.MkdirAll(w.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.dir, "TMPDIR=" + w.temp, "MASKRAIL_S3_SECRET_KEY=" + c.secret()}
	c.workers[name] = w
	t.Cleanup(func() { w.kill() })
}

// start runs every worker. None outlives the test.
func (c *cluster) start(t *testing.T) {
	t.Helper()
	for _, name := range services {
		c.workers[name].start(t)
	}
}

// stop ends every worker as an operator does, and expects each to have worked to that moment.
func (c *cluster) stop(t *testing.T) {
	t.Helper()
	for _, name := range services {
		c.workers[name].stop(t)
	}
}

// worker is one service's process, again and again.
type worker struct {
	name, config, log, temp string
	address                 string // of its HTTP server, the same each time
	env                     []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process is gone
	starts int
	kills  int
}

func (w *worker) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(w.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, w.name), "--config", w.config)
	cmd.Env, cmd.Stdout, cmd.Stderr = w.env, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(done)
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cmd, w.done = cmd, done
	w.starts++
}

// kill ends the process at once and says whether it was there to be killed.
func (w *worker) kill() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cmd == nil {
		return false
	}
	select {
	case <-w.done:
		return false
	default:
	}
	_ = w.cmd.Process.Kill()
	<-w.done
	status, ok := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		return false
	}
	w.kills++
	return true
}

func (w *worker) stop(t *testing.T) {
	t.Helper()
	select {
	case <-w.done:
		t.Errorf("%s ended by itself: %s", w.name, w.tail())
		return
	default:
	}
	w.alive(t) // before, the signal's default is to kill
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(limit, func() { w.cmd.Process.Kill() })
	defer timer.Stop()
	<-w.done
	if code := w.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("%s did not stop cleanly: exit code %d: %s", w.name, code, w.tail())
	}
}

// alive waits until the process serves.
func (w *worker) alive(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); after(t, 20*time.Millisecond) {
		if conn, err := net.Dial("tcp", w.address); err == nil {
			conn.Close()
			return
		}
	}
	t.Errorf("%s does not answer on %s: %s", w.name, w.address, w.tail())
}

// tail is the last lines of the worker's log.
func (w *worker) tail() string {
	f, err := os.Open(w.log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return fmt.Sprint(lines[max(0, len(lines)-3):])
}

var nextPort atomic.Int64

func init() { nextPort.Store(20_000 + int64(os.Getpid()%10_000)) }

// freePort is an address below the ports that the system gives to outgoing connections, so that it is still free when
// a worker has been killed and comes back.
func freePort(t *testing.T) string {
	t.Helper()
	for port := nextPort.Add(1); port < 32_000; port = nextPort.Add(1) {
		address := fmt.Sprintf("127.0.0.1:%d", port)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port from 20000 to 32000 is free")
	return ""
}

// after waits, unless the test ends first.
func after(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal(context.Cause(t.Context()))
	}
}
