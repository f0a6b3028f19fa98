package e2e

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// span is a finished span, whoever kept it: the collector here or Jaeger.
type span struct {
	service, trace, id, parent string // lower-case hex; parent "" for a root
	name, kind                 string // kind is internal, server, client, producer or consumer
	links                      []string
	attributes                 map[string]string
	resource                   map[string]string
	text                       []string // whatever else a span can say: events, messages, trace state
}

// kinds are OTLP's span kinds by their number.
var kinds = []string{"unspecified", "internal", "server", "client", "producer", "consumer"}

func kind(n int) string {
	if n < 0 || n >= len(kinds) {
		return strconv.Itoa(n)
	}
	return kinds[n]
}

// collector takes OTLP over HTTP and keeps every request as it came.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Encoding") != "" {
			http.Error(w, "want plain OTLP traces", http.StatusBadRequest)
			t.Errorf("request to %s, encoding %q: %v", r.URL.Path, r.Header.Get("Content-Encoding"), err)
			return
		}
		c.mu.Lock()
		c.bodies = append(c.bodies, body)
		c.mu.Unlock()
		w.Header().Set("Content-Type", "application/x-protobuf") // an empty body is an empty answer: all was taken
	}))
	t.Cleanup(c.Close)
	return c
}

// env points a command at the collector and at nothing else.
func (c *collector) env() []string { return otlp(c.URL) }

func otlp(endpoint string) []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=", "OTEL_EXPORTER_OTLP_PROTOCOL=", "OTEL_EXPORTER_OTLP_COMPRESSION="}
}

// startUpEnv is startUp with variables of its own.
func startUpEnv(t *testing.T, env []string, args ...string) *up {
	t.Helper()
	u := &up{cmd: exec.Command(filepath.Join(bin, "maskrail"), append([]string{"up", "--json"}, args...)...), err: &strings.Builder{}}
	u.cmd.Env = append(os.Environ(), env...)
	out, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	u.cmd.Stderr = u.err
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.cmd.Process.Kill() })
	if err := json.NewDecoder(out).Decode(&u.info); err != nil {
		t.Fatalf("up: %v", err)
	}
	return u
}

// raw is all that was received, byte for byte.
func (c *collector) raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []byte
	for _, b := range c.bodies {
		all = append(all, b...)
	}
	return all
}

// spans decodes what was received. TracesData has the shape of an export request on the wire.
func (c *collector) spans(t *testing.T) []span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []span
	for _, body := range c.bodies {
		var data tracepb.TracesData
		if err := proto.Unmarshal(body, &data); err != nil {
			t.Fatalf("exported spans: %v", err)
		}
		for _, rs := range data.ResourceSpans {
			resource := texts(rs.Resource.GetAttributes())
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					out = append(out, decoded(s, resource))
				}
			}
		}
	}
	return out
}

func decoded(s *tracepb.Span, resource map[string]string) span {
	d := span{
		service: resource["service.name"], resource: resource,
		trace: hex.EncodeToString(s.TraceId), id: hex.EncodeToString(s.SpanId), parent: hex.EncodeToString(s.ParentSpanId),
		name: s.Name, kind: kind(int(s.Kind)), attributes: texts(s.Attributes), text: []string{s.TraceState, s.Status.GetMessage()},
	}
	for _, l := range s.Links {
		d.links = append(d.links, hex.EncodeToString(l.TraceId)+":"+hex.EncodeToString(l.SpanId))
		d.text = append(d.text, l.TraceState, pairs(texts(l.Attributes)))
	}
	for _, e := range s.Events {
		d.text = append(d.text, e.Name, pairs(texts(e.Attributes)))
	}
	return d
}

func texts(attributes []*commonpb.KeyValue) map[string]string {
	out := make(map[string]string, len(attributes))
	for _, a := range attributes {
		switch v := a.Value.GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			out[a.Key] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			out[a.Key] = strconv.FormatInt(v.IntValue, 10)
		default:
			out[a.Key] = a.Value.String()
		}
	}
	return out
}

func pairs(m map[string]string) string {
	var b strings.Builder
	for k, v := range m {
		b.WriteString(k + "=" + v + "\n")
	}
	return b.String()
}

// String is all the text of a span, one piece a line.
func (s span) String() string {
	return s.service + " " + s.kind + " " + s.name + "\n" + pairs(s.attributes) + pairs(s.resource) + strings.Join(s.text, "\n")
}
