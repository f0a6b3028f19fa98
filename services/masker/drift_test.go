package masker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/stage"
)

const legs = `
key: [id]
fields:
  - {path: id, keep: true}
  - {path: "legs[].kind", keep: true}
  - {path: "legs[].parts[].ani", token: {domain: phone, format: phone, scope: environment}}
`

// TestSuspectAtEveryDepth: what unknown: pass lets through is looked at wherever it lies, names inside of JSON included.
func TestSuspectAtEveryDepth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ add, masked string }{
		"name at the top":           {`"callerName":"Jane Okafor"`, `"[MASKED]"`},
		"value at the top":          {`"queue":"+14155550142"`, `[PHONE]`},
		"name in a list":            {`"legs":[{"kind":"x","callerName":"Jane Okafor"}]`, `[MASKED]`},
		"value in a list":           {`"legs":[{"kind":"x","queue":"call +14155550142 now"}]`, `[PHONE]`},
		"name two lists deep":       {`"legs":[{"parts":[{"ani":"1","dateOfBirth":"1950-01-01"}]}]`, `[MASKED]`},
		"value two lists deep":      {`"legs":[{"parts":[{"ani":"1","x":"jane@example.com"}]}]`, `[EMAIL]`},
		"name in an unknown object": {`"extra":{"more":[{"ani":"x17"}]}`, ``},
		"value of unknown object":   {`"extra":{"more":["+14155550142"]}`, `[PHONE]`},
		"unknown object in a list":  {`"legs":[{"x":{"y":{"dnis":"x17"}}}]`, ``},
		"list of unknown objects":   {`"legs":[{"x":[{"comment":"x17"}]}]`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := `{"id":"1",` + c.add + "}\n"
			for suspect, want := range map[string]string{"quarantine": ClassSuspectField, "mask": "", "pass": ""} {
				p := testPlan(t, "unknown: pass\nsuspect: "+suspect+legs)
				out, _, err := run(t, p, "x.jsonl", in, Options{Format: columnar.FormatJSONL})
				if class(err) != want || err != nil && want == "" {
					t.Errorf("suspect: %s: %v, want %q", suspect, err, want)
				}
				for _, secret := range []string{"Okafor", "x17", "Jane", "jane@", "5550142", "1950"} {
					if suspect == "mask" && strings.Contains(out, secret) {
						t.Errorf("it passes: %s", out)
					}
				}
				if suspect == "mask" && !strings.Contains(out, strings.Trim(c.masked, `"`)) {
					t.Errorf("got %s, want %s in it", out, c.masked)
				}
				if suspect == "pass" && !strings.Contains(out, "Jane") && !strings.Contains(out, "x17") && !strings.Contains(out, "Okafor") && !strings.Contains(out, "5550142") && !strings.Contains(out, "jane@") && !strings.Contains(out, "1950") {
					t.Errorf("pass does not: %s", out)
				}
			}
			p := testPlan(t, "unknown: drop"+legs)
			out, r, err := run(t, p, "x.jsonl", in, Options{Format: columnar.FormatJSONL})
			if err != nil || strings.Contains(out, "Okafor") || strings.Contains(out, "5550142") || len(r.Drift) == 0 {
				t.Errorf("drop: %v, %d fields told\n%s", err, len(r.Drift), out)
			}
		})
	}
}

func (b *bench) report(reason string) drift.Report {
	b.t.Helper()
	r, err := drift.Read(context.Background(), b.store, "maskrail-quarantine", reason)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// TestRejectionCarriesReport: a refused object leaves a report on every field that has drifted, at any depth.
func TestRejectionCarriesReport(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, `{"id":"%d","ref":"7c2f0d1e-5a34-4b8f-9a51-%012x","legs":[{"parts":[{"ANI":"+1415555%04d","bcc":["jane%d@example.com"]}],"deep":{"segment":"+1212555%04d"}}]}`+"\n", i, i, 100+i, i, 100+i)
	}
	for name, tt := range map[string]struct {
		policy, content, class string
		want                   map[string]drift.Field
	}{
		"unknown": {legs, lines.String(), ClassUnknownField, map[string]drift.Field{
			"ref":                  {Kind: drift.Unknown, Opinion: &classify.Opinion{Class: classify.UUID}},
			"legs[].parts[].ANI":   {Kind: drift.Renamed, Policy: "legs[].parts[].ani", Opinion: &classify.Opinion{Class: classify.Phone}},
			"legs[].parts[].bcc[]": {Kind: drift.Unknown, Opinion: &classify.Opinion{Class: classify.Email}},
			"legs[].deep.segment":  {Kind: drift.Unknown, Opinion: &classify.Opinion{Class: classify.Phone}},
		}},
		"suspect value": {"unknown: pass" + legs, lines.String(), ClassSuspectField, map[string]drift.Field{
			"legs[].deep.segment": {Kind: drift.Unknown, Opinion: &classify.Opinion{Class: classify.Phone}},
		}},
		"another shape": {legs, `{"id":"1","legs":[{"parts":[{"ani":["+14155550142"]}]}]}`, ClassWrongType, map[string]drift.Field{
			"legs[].parts[].ani": {Kind: drift.Retyped},
		}},
		"another type": {strings.Replace(legs, `{path: id, keep: true}`, `{path: id, keep: true, type: int}`, 1), `{"id":"jane@example.com"}`, ClassMalformed, map[string]drift.Field{
			"id": {Kind: drift.Retyped, Policy: "int"},
		}},
		"no key": {legs, `{"legs":[{"kind":"jane@example.com"}]}`, ClassMissingField, map[string]drift.Field{
			"id": {Kind: drift.Vanished},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.body = tt.policy
			s := b.service(b.store)
			in := b.drop("interaction/+14155550142.jsonl", tt.content)
			_, err := s.Mask(t.Context(), in)
			reason, ok := stage.Rejected(err)
			if !ok || reason.Class != tt.class || reason.Report == "" {
				t.Fatalf("%v: %+v", err, reason)
			}
			r := b.report(reason.Report)
			if r.Environment != "sandbox" || r.Entity != "interaction" || r.Object != in.Object.Identity() || r.Policy == "" || r.Rows == 0 {
				t.Errorf("%+v", r)
			}
			got := map[string]drift.Field{}
			for _, f := range r.Fields {
				got[f.Path] = f
			}
			for path, want := range tt.want {
				f := got[path]
				if f.Kind != want.Kind || f.Policy != want.Policy || !f.Waits || want.Opinion != nil && (f.Opinion == nil || f.Opinion.Class != want.Opinion.Class) {
					t.Errorf("%s: %+v", path, f)
				}
			}
			text, _ := json.Marshal(r)
			for _, value := range []string{"5550142", "jane", "example.com"} {
				if strings.Contains(string(text), value) || strings.Contains(err.Error(), value) || strings.Contains(reason.Report, value) {
					t.Errorf("%q shows", value)
				}
			}
			if _, again := s.Mask(t.Context(), in); again == nil || again.Error() != err.Error() {
				t.Errorf("the second time it says %v", again)
			}
		})
	}
}

// hook is somebody who is told.
type hook struct {
	mu     sync.Mutex
	bodies []string
	fail   int // so many times
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail > 0 {
		h.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(r.Body)
	h.bodies = append(h.bodies, string(body))
}

func (h *hook) calls() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.bodies)
}

// TestAlertOncePerField: a field that is new is told once, to the webhook and on the bus, whatever objects have it and however
// often the masker starts; under another policy it is new again.
func TestAlertOncePerField(t *testing.T) {
	t.Parallel()
	h := &hook{fail: 1}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	b := setup(t)
	b.body = legs
	b.config.Drift.Webhook = keys.NewSecret([]byte(server.URL + "/T0P/secret"))
	work := func(objects ...string) {
		s := b.service(b.store)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.tell(ctx) }()
		before := len(h.calls())
		for i, content := range objects {
			if _, err := s.Mask(ctx, b.drop(fmt.Sprintf("interaction/%d-%d.jsonl", before, i), content)); class(err) != ClassUnknownField {
				t.Fatal(err)
			}
		}
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for len(s.notices) > 0 || len(unsent(t, b)) > 0 {
			<-tick.C
		}
		stop()
		<-done
	}
	const one = `{"id":"1","segment":"+14155550142"}`
	work(one, one+" ", `{"id":"2","segment":"x"}`)
	work(one + "  ")
	if got := h.calls(); len(got) != 1 || !strings.Contains(got[0], `"path":"segment"`) || !strings.Contains(got[0], `"class":"phone"`) || strings.Contains(got[0], "5550142") {
		t.Fatalf("%d legs: %s", len(h.bodies), h.bodies)
	}
	b.body = strings.Replace(legs, "key: [id]", "key: [id]\nregion: GB", 1)
	work(one+"   ", `{"id":"3","other":"x"}`)
	if len(h.bodies) != 3 {
		t.Errorf("%d legs: %s", len(h.bodies), h.bodies)
	}
	events := 0
	err := b.bus.Read(t.Context(), bus.Query{Stream: bus.Drift, Filters: []string{"maskrail.drift.sandbox.interaction"}}, func(m bus.Message) error {
		events++
		var n drift.Notice
		if err := json.Unmarshal(m.Data, &n); err != nil || n.Field.Path == "" || m.Header["ce-type"] != drift.EventType {
			t.Errorf("%v: %s", err, m.Data)
		}
		return nil
	})
	if err != nil || events != 3 {
		t.Errorf("%d events, %v", events, err)
	}
}

func unsent(t *testing.T, b *bench) []drift.Notice {
	t.Helper()
	var out []drift.Notice
	for n, err := range drift.Notices(t.Context(), b.store, "maskrail-quarantine", "sandbox") {
		if err != nil {
			t.Fatal(err)
		}
		if !n.Sent {
			out = append(out, n)
		}
	}
	return out
}

// TestWebhookErrorsHideTheURL: what cannot be told is said without the address.
func TestWebhookErrorsHideTheURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	for _, at := range []string{url + "/T0P/secret", "http://secret.invalid/T0P"} {
		w, err := newWebhook(DriftConfig{Webhook: keys.NewSecret([]byte(at)), Timeout: 100e6})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.once(t.Context(), nil); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%v", err)
		}
	}
	if _, err := newWebhook(DriftConfig{Webhook: keys.NewSecret([]byte("secret.invalid"))}); err == nil || strings.Contains(err.Error(), "secret.invalid") {
		t.Errorf("%v", err)
	}
}

// TestReportCannotBeStored: without a quarantine bucket the object is refused all the same; while the store is away it is
// tried again.
func TestReportCannotBeStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.body = legs
	b.config.Buckets.Quarantine = "nowhere"
	_, err := b.service(b.store).Mask(t.Context(), b.drop("interaction/x.jsonl", `{"id":"1","new":"x"}`))
	if reason, ok := stage.Rejected(err); !ok || reason.Class != ClassUnknownField || reason.Report != "" {
		t.Errorf("%v", err)
	}
	_, err = b.service(away{b.store}).Mask(t.Context(), b.drop("interaction/x.jsonl", `{"id":"1","new":"x"}`))
	if _, ok := stage.Rejected(err); ok || err == nil {
		t.Errorf("%v", err)
	}
}

// away is a store that takes nothing.
type away struct{ blob.Store }

func (away) Put(context.Context, blob.Location, io.ReadSeeker, int64, blob.PutOptions) (blob.Object, error) {
	return blob.Object{}, blob.ErrUnavailable
}
