package exporter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
)

const raw = "maskrail-raw"

// bench is an exporter with a bus and a bucket, in a synctest bubble.
type bench struct {
	t      *testing.T
	store  blob.Store
	bus    *membus.Bus
	spans  *spans
	config exporter.Config
	logs   io.Writer // beside the test's own; may be nil

	service *exporter.Service       // that was started last
	cancel  context.CancelCauseFunc // ends it
}

func newBench(t *testing.T, environments ...string) *bench {
	c := exporter.Default()
	c.Environments = environments
	return &bench{t: t, store: memblob.New(raw, "other"), bus: membus.New(bus.Streams(bus.Horizon)), spans: &spans{}, config: c}
}

// in runs the test in a bubble, where time passes only when everything waits.
func in(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

var errStopped = errors.New("stopped by the test")

// start runs the exporter, and keeps the states of its environments as a loader does, until the returned function is
// called.
func (b *bench) start() (stop func()) {
	b.t.Helper()
	var out io.Writer = logs{b.t}
	if b.logs != nil {
		out = io.MultiWriter(out, b.logs)
	}
	tel, err := telemetry.New(b.t.Context(), b.watched(out))
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := exporter.New(b.config, app.Deps{Bus: b.bus, Store: b.store, Telemetry: tel})
	if err != nil {
		b.t.Fatal(err)
	}
	b.service = s
	states, err := run.OpenStates(b.t.Context(), b.bus)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(b.t.Context())
	b.cancel = cancel
	var wg sync.WaitGroup
	for _, env := range b.config.Environments {
		wg.Go(func() { _ = run.Project(ctx, b.bus, states, env) })
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	synctest.Wait()
	return func() {
		b.t.Helper()
		cancel(errStopped)
		if err := <-done; !errors.Is(err, errStopped) {
			b.t.Errorf("run ends with %v, want the cause of its context", err)
		}
		wg.Wait()
		if err := tel.Shutdown(context.Background()); err != nil {
			b.t.Error(err)
		}
	}
}

// watched is telemetry that leaves nothing out.
func (b *bench) watched(out io.Writer) telemetry.Config {
	return telemetry.Config{Service: exporter.Name, Logs: out, Level: slog.LevelDebug, Spans: b.spans}
}

// wait lets time pass.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bench) put(key, content string) objref.Object { return b.putIn(raw, key, content) }

func (b *bench) putIn(bucket, key, content string) objref.Object {
	b.t.Helper()
	o, err := b.store.Put(b.t.Context(), blob.Location{Bucket: bucket, Key: key}, strings.NewReader(content), int64(len(content)),
		blob.PutOptions{Metadata: map[string]string{"traceparent": producer}})
	if err != nil {
		b.t.Fatal(err)
	}
	return objref.From(o)
}

// producer is the span that the one who dropped the object wrote into its metadata.
const producer = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// notify publishes a notification as VersityGW writes it.
func (b *bench) notify(name string, o objref.Object) {
	b.t.Helper()
	key, _ := json.Marshal(o.Key)
	version := []byte("null")
	if o.Location().Kept() {
		version, _ = json.Marshal(o.Version)
	}
	b.publish(fmt.Sprintf(`{"Records":[{"eventVersion":"2.2","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05Z","eventName":%q,
"userIdentity":{"PrincipalId":"root"},"s3":{"configurationId":"webhook-global","bucket":{"name":%q},
"object":{"key":%s,"size":%d,"eTag":"\"%s\"","versionId":%s,"sequencer":"1"}}}]}`, name, o.Bucket, key, o.Bytes, o.ETag, version))
}

// notifyAWS publishes a notification as AWS writes it.
func (b *bench) notifyAWS(o objref.Object) {
	b.t.Helper()
	b.publish(fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05.000Z","eventName":"ObjectCreated:Put",
"userIdentity":{"principalId":"AWS:A"},"s3":{"configurationId":"c","bucket":{"name":%q},"object":{"key":%q,"size":%d,"eTag":%q,"sequencer":"00"}}}]}`,
		o.Bucket, url.QueryEscape(o.Key), o.Bytes, o.ETag))
}

func (b *bench) publish(body string) {
	b.t.Helper()
	if err := b.bus.Publish(b.t.Context(), bus.Message{Subject: "maskrail.s3.events", Data: []byte(body)}); err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
}

func (b *bench) messages(stream string) (all []bus.Message) {
	b.t.Helper()
	err := b.bus.Read(b.t.Context(), bus.Query{Stream: stream}, func(m bus.Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// announced is subject and key of each reference in the stream.
func (b *bench) announced(stream string) (all []string) {
	b.t.Helper()
	for _, m := range b.messages(stream) {
		r, _, err := objref.Decode(m)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, m.Subject+" "+r.Object.Key)
	}
	return all
}

// end lets an object end in an environment, as a worker does.
func (b *bench) end(env string, o objref.Object, state objref.State) {
	b.t.Helper()
	out, at := &objref.Outcome{State: state, Loaded: 1}, objref.AtLoaded
	switch state {
	case objref.Rejected:
		out, at = &objref.Outcome{State: state, Reason: &objref.Reason{Service: "masker", Class: "unknown-field"}}, objref.AtRejected
	case objref.Dead:
		out, at = &objref.Outcome{State: state, Reason: &objref.Reason{Service: "masker", Class: "failing"}}, objref.AtDead
	}
	r := objref.Ref{Entity: "interaction", Environment: env, Run: objref.DropRun(o), Tenant: "acme", Outcome: out, Policy: "sha256:1", Source: &o,
		Object: objref.Object{Bucket: "maskrail-masked", Key: env + "/" + o.Identity(), Version: "etag:1", SHA256: "00"}}
	m, err := objref.Encode(r, at, r.Subject(at), "/test")
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.bus.Publish(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
}

// spans keeps what was traced.
type spans struct {
	mu  sync.Mutex
	all []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}

// logs sends the service's log to the test's, and fails on a key in it.
type logs struct{ t *testing.T }

func (l logs) Write(p []byte) (int, error) {
	if strings.Contains(string(p), canary) {
		l.t.Errorf("the log shows a key: %s", p)
	}
	l.t.Logf("%s", p)
	return len(p), nil
}

// lines keeps a log.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(p))
	return len(p), nil
}

// count is how many lines have the text.
func (l *lines) count(text string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// canary stands in keys that must not be shown.
const canary = "2125550147"
