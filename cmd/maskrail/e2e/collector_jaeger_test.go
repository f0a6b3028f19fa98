package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// jaegerPorts are the variables of tools/jaeger/jaeger.yaml.
var jaegerPorts = []string{"JAEGER_OTLP_GRPC_PORT", "JAEGER_OTLP_HTTP_PORT", "JAEGER_QUERY_HTTP_PORT", "JAEGER_QUERY_GRPC_PORT", "JAEGER_HEALTH_PORT"}

// jaeger is a running Jaeger.
type jaeger struct{ otlp, query string }

// startJaeger runs the real server until the test ends.
func startJaeger(t *testing.T) jaeger {
	t.Helper()
	binary := os.Getenv("MASKRAIL_JAEGER")
	if binary == "" {
		binary = "../../../bin/jaeger"
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("no Jaeger to test against: run make jaeger at the repository's root, or set MASKRAIL_JAEGER to a binary of Jaeger 2 (%v)", err)
	}
	const tries = 5 // somebody else may take a port between the look and the start
	var last string
	for range tries {
		ports := freePorts(t, len(jaegerPorts))
		if last = tryJaeger(t, binary, ports); last == "" {
			return jaeger{otlp: "http://127.0.0.1:" + ports[1], query: "http://127.0.0.1:" + ports[2]}
		}
	}
	t.Fatalf("Jaeger did not start in %d tries; the last said:\n%s", tries, last)
	return jaeger{}
}

// tryJaeger starts Jaeger on the ports and waits until it is ready. It returns what Jaeger said when it ended instead.
func tryJaeger(t *testing.T, binary string, ports []string) string {
	t.Helper()
	cmd := exec.Command(binary, "--config", "../../../tools/jaeger/jaeger.yaml")
	cmd.Env = os.Environ()
	for i, name := range jaegerPorts {
		cmd.Env = append(cmd.Env, name+"="+ports[i])
	}
	said := &safeBuffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", binary, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is told by what it said
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(limit):
			t.Error("Jaeger did not stop on SIGTERM")
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if code, _, err := ask(ctx, "http://127.0.0.1:"+ports[4]+"/status"); err == nil && code == http.StatusOK {
			select {
			case <-ended: // another process answered on that port
				return said.String()
			default:
				return ""
			}
		}
		select {
		case <-ended:
			return said.String()
		case <-ctx.Done():
			t.Fatalf("Jaeger is not ready: %v\n%s", context.Cause(ctx), said)
		case <-ticker.C:
		}
	}
}

// trace asks for a trace until Jaeger knows it, and returns it also as it came.
func (j jaeger) trace(t *testing.T, id string) ([]span, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		code, body, err := ask(ctx, j.query+"/api/v3/traces/"+id+"?raw_traces=true")
		switch {
		case err != nil:
			t.Fatalf("ask Jaeger: %v", err)
		case code == http.StatusOK:
			return jaegerSpans(t, body), body
		case code != http.StatusNotFound:
			t.Fatalf("Jaeger answers %d: %s", code, body)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("Jaeger does not know trace %s: %s", id, body)
		case <-ticker.C:
		}
	}
}

// jaegerSpans reads OTLP's JSON form inside {"result": …}.
func jaegerSpans(t *testing.T, body []byte) []span {
	t.Helper()
	type attributes []struct {
		Key   string
		Value struct {
			StringValue *string
			IntValue    json.Number
		}
	}
	var answer struct {
		Result struct {
			ResourceSpans []struct {
				Resource   struct{ Attributes attributes }
				ScopeSpans []struct {
					Spans []struct {
						TraceID, SpanID, ParentSpanID, Name string
						Kind                                int
						Links                               []struct{ TraceID, SpanID string }
						Attributes                          attributes
					}
				}
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("Jaeger's answer: %v\n%s", err, body)
	}
	texts := func(from attributes) map[string]string {
		out := map[string]string{}
		for _, a := range from {
			out[a.Key] = a.Value.IntValue.String()
			if a.Value.StringValue != nil {
				out[a.Key] = *a.Value.StringValue
			}
		}
		return out
	}
	var out []span
	for _, rs := range answer.Result.ResourceSpans {
		resource := texts(rs.Resource.Attributes)
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				d := span{service: resource["service.name"], resource: resource, trace: s.TraceID, id: s.SpanID, parent: s.ParentSpanID,
					name: s.Name, kind: kind(s.Kind), attributes: texts(s.Attributes)}
				for _, l := range s.Links {
					d.links = append(d.links, l.TraceID+":"+l.SpanID)
				}
				out = append(out, d)
			}
		}
	}
	return out
}

func freePorts(t *testing.T, n int) []string {
	t.Helper()
	var ports []string
	for range n {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at the end, so that none is given out twice
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports
}

func ask(ctx context.Context, url string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, errors.Join(err, resp.Body.Close())
}

// safeBuffer is written by a process while the test may read it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
