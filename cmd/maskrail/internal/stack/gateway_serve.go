package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/maskrail/maskrail/libs/keys"
)

// ServeGateway is the whole of the hidden subcommand GatewayCommand. It reads its configuration from stdin, one
// line of JSON, reports on stdout in one line, and serves until stdin ends, which is when the parent wants it or
// is gone. Interrupts from a terminal reach the parent as well and are left to it.
func ServeGateway(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	in := bufio.NewReader(stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s is started by maskrail itself: no configuration on standard input", GatewayCommand)
	}
	var o order
	if err := json.Unmarshal(line, &o); err != nil {
		return fmt.Errorf("%s: configuration is not one line of JSON", GatewayCommand)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	served := make(chan error, 1)
	go func() { served <- RunGateway(ctx, o.config(), o.Health) }()
	go func() {
		for !answers(ctx, o.Addr, o.Health) {
			if ctx.Err() != nil {
				return
			}
			pause(ctx, 5*time.Millisecond)
		}
		fmt.Fprintln(stdout, gatewayReady)
	}()
	err = <-served
	if err != nil {
		fmt.Fprintln(stdout, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return err
}

// gatewayMemory in bytes is where the collector begins to work harder: bodies are streams, and what a burst of
// large ones leaves behind is better given back.
const gatewayMemory = 192 << 20

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (o order) config() GatewayConfig {
	return GatewayConfig{
		Dir: o.Dir, Addr: o.Addr, AccessKey: o.AccessKey, SecretKey: keys.NewSecret([]byte(o.SecretKey)),
		NATSURL: o.NATSURL, Topic: o.Topic, versions: o.Versions, webhook: o.Webhook,
	}
}

// RunGateway serves S3 until ctx ends. It changes the process's working directory and takes over os.Stdout and
// os.Stderr, which the server writes to, so it belongs into a process of its own. health is a path that answers
// 200 as soon as the server does.
func RunGateway(ctx context.Context, c GatewayConfig, health string) error {
	silence, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer silence.Close()
	os.Stdout, os.Stderr = silence, silence
	debug.SetMemoryLimit(gatewayMemory)

	root := filepath.Join(c.Dir, "s3")
	opts := posix.PosixOpts{}
	opts.SetNewDirPerm(0o700) // raw data is in there
	opts.SetNewFilePerm(0o600)
	if c.versions {
		opts.VersioningDir = filepath.Join(c.Dir, "object-versions")
	}
	for _, dir := range []string{root, opts.VersioningDir} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("folder of the buckets: %w", err)
		}
	}
	store, sidecar, err := metadata(c.Dir, root)
	if err != nil {
		return err
	}
	opts.SideCarDir = sidecar
	backend, err := posix.New(root, store, opts)
	if err != nil {
		return fmt.Errorf("folder of the buckets: %w", err)
	}
	topic := c.Topic
	if topic == "" {
		topic = GatewayTopic
	}
	err = embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess:    c.AccessKey,
		RootUserSecret:    string(c.SecretKey.Bytes()),
		Ports:             []string{c.Addr},
		MaxConnections:    4096,
		MaxRequests:       2048,
		MultipartMaxParts: 10000, // as AWS
		KeepAlive:         true,
		Quiet:             true,
		HealthPath:        health,
		NatsURL:           c.NATSURL,
		NatsTopic:         topic,
		EventWebhookURL:   c.webhook,
	})
	if ctx.Err() != nil {
		return nil // what a stop interrupts is no failure
	}
	if err == nil {
		return errors.New("the server ended on its own")
	}
	return err
}

// metadata chooses where the server keeps what has no place in a plain file: in extended attributes or, where the
// file system has none, in files of their own. A folder that was begun one way goes on that way. The sidecar's
// path must not begin with that of the buckets, or the server refuses it.
func metadata(dir, root string) (store meta.MetadataStorer, sidecar string, err error) {
	sidecar = filepath.Join(dir, "object-metadata")
	if _, err := os.Stat(sidecar); err != nil {
		if err := attributes(root); err == nil {
			return meta.XattrMeta{}, "", nil
		}
		if err := os.MkdirAll(sidecar, 0o700); err != nil {
			return nil, "", fmt.Errorf("folder of the objects' metadata: %w", err)
		}
	}
	store, err = meta.NewSideCar(sidecar)
	return store, sidecar, err
}

// attributes proves that the file system takes extended attributes by writing one.
func attributes(root string) error {
	f, err := os.CreateTemp(root, ".probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return meta.XattrMeta{}.StoreAttribute(f, "", "", "maskrail-probe", []byte("1"))
}
