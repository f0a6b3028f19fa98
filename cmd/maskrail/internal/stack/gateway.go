package stack

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
)

// GatewayCommand is the hidden subcommand that a stack runs in a process of its own; it must call ServeGateway
// and nothing before it. The S3 server needs that process because it changes the working directory and because
// only one fits into a process.
const GatewayCommand = "internal-gateway"

// GatewayTopic is the subject of the gateway's bucket events, in the stream S3EVENTS.
const GatewayTopic = "maskrail.s3.events"

// GatewayConfig describes an S3 server on a local folder.
type GatewayConfig struct {
	// Dir is the stack's folder. Buckets are plain folders DIR/s3/<bucket>; where the file system has no extended
	// attributes, what S3 keeps beside the bytes lies in DIR/object-metadata.
	Dir       string
	Addr      string // "host:port"; port 0 takes a free one
	AccessKey string // of the only account
	SecretKey keys.Secret
	NATSURL   string // where bucket events go; "" means none
	Topic     string // their subject; "" means GatewayTopic

	versions bool   // keep old versions of objects in DIR/object-versions, in buckets that ask for it
	webhook  string // where bucket events go instead of NATS, with a password before the host
}

// order is a GatewayConfig on its way to the child, through a pipe: secrets in arguments and environment can be
// seen by others.
type order struct {
	Dir, Addr, AccessKey, SecretKey, NATSURL, Topic string
	Health                                          string // a path that only this child answers
	Versions                                        bool
	Webhook                                         string
}

// gateway is an S3 server that runs in a child process. It ends with its parent, whatever ends the parent.
type gateway struct {
	addr  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan struct{} // closed when the child is gone
}

const (
	gatewayStart = 20 * time.Second // a loaded machine takes a while to start a large binary
	gatewayStop  = 10 * time.Second
)

// startGateway starts the server and returns when it answers. It fails when the port is taken, when the folder
// cannot be written, when NATS does not answer, or when ctx ends.
func startGateway(ctx context.Context, c GatewayConfig) (*gateway, error) {
	for attempt := 0; ; attempt++ {
		g, err := tryGateway(ctx, c)
		// A port that was free a moment ago may be gone when the child wants it.
		if err != nil && errors.Is(err, errPortTaken) && strings.HasSuffix(c.Addr, ":0") && attempt < 5 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("start S3 gateway: %w", err)
		}
		return g, nil
	}
}

var errPortTaken = errors.New("port is taken")

func tryGateway(ctx context.Context, c GatewayConfig) (*gateway, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr(c.Addr)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(order{
		Dir: dir, Addr: addr, AccessKey: c.AccessKey, SecretKey: string(c.SecretKey.Bytes()),
		NATSURL: c.NATSURL, Topic: c.Topic, Health: "/-" + rand.Text(), Versions: c.versions, Webhook: c.webhook,
	})
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, GatewayCommand) //nolint:noctx // it outlives the call, and ends when its stdin does
	cmd.SysProcAttr = childAttributes()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// The child's own words could hold object keys; it reports over stdout and the rest is dropped. The pipe is ours, because
	// that of StdoutPipe is closed when the process has gone, also before its last words were read.
	stdout, child, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = child
	g := &gateway{addr: addr, cmd: cmd, stdin: stdin, done: make(chan struct{})}
	err = g.spawn()
	child.Close()
	if err != nil {
		stdout.Close()
		return nil, err
	}
	report := make(chan string, 1)
	go func() {
		defer stdout.Close()
		r := bufio.NewReader(stdout)
		text, _ := r.ReadString('\n')
		report <- strings.TrimSpace(text)
		_, _ = io.Copy(io.Discard, r)
	}()
	if _, err := stdin.Write(append(line, '\n')); err != nil {
		return nil, errors.Join(fmt.Errorf("configure: %w", err), g.stop())
	}
	ctx, cancel := context.WithTimeoutCause(ctx, gatewayStart, fmt.Errorf("no answer on %s within %s", addr, gatewayStart))
	defer cancel()
	select {
	case text := <-report:
		if text == gatewayReady {
			return g, nil
		}
		err = g.reason(text)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return nil, errors.Join(err, g.stop())
}

// gatewayReady is the child's report that it answers; any other report is the reason why it does not.
const gatewayReady = "ready"

func (g *gateway) reason(text string) error {
	switch {
	case strings.Contains(text, "address already in use"):
		return fmt.Errorf("%w: %s is used by another process; choose another address", errPortTaken, g.addr)
	case text == "":
		return errors.New("the process ended without a reason")
	default:
		return errors.New(text)
	}
}

// URL is the endpoint for S3 clients.
func (g *gateway) URL() string { return "http://" + g.addr }

// PID is the process of the server.
func (g *gateway) PID() int { return g.cmd.Process.Pid }

// Done is closed when the server's process is gone, asked or not.
func (g *gateway) Done() <-chan struct{} { return g.done }

// stop lets requests that run come to an end, and kills the process when they take too long. It may be called
// more than once.
func (g *gateway) stop() error {
	g.stdin.Close() // the child's sign to stop
	late := time.NewTimer(gatewayStop)
	defer late.Stop()
	select {
	case <-g.done:
		return nil
	case <-late.C:
	}
	if err := g.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop S3 gateway: %w", err)
	}
	<-g.done
	return nil
}

// freeAddr gives an address with port 0 a port that is free now.
func freeAddr(addr string) (string, error) {
	if _, port, err := net.SplitHostPort(addr); err != nil {
		return "", fmt.Errorf(`address of the S3 gateway: want "host:port": %w`, err)
	} else if port != "0" {
		return addr, nil
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// answers reports whether this very child serves addr. Another server on the same port does not know the path.
func answers(ctx context.Context, addr, health string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+health, nil)
	if err != nil {
		return false
	}
	res, err := healthClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

var healthClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
