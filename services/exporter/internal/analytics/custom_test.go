package analytics

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// listings answers for the provider what it does not, or what of says; nothing leaves it to the provider.
type listings struct {
	next  http.RoundTripper
	of    func() (status int, body string)
	asked atomic.Int64
}

func (l *listings) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/customattributes") {
		return l.next.RoundTrip(r)
	}
	l.asked.Add(1)
	status, body := l.of()
	if body == "" {
		return l.next.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// TestCustomAttributes: conversations without an attribute of a participant are asked for, those alone, and no faster than
// is configured.
func TestCustomAttributes(t *testing.T) {
	t.Parallel()
	simulate(t, func(world *genesyssim.Config, c *Config) {
		world.CustomKey, world.Odd = "owner", []genesyssim.Oddity{{Tenant: "nowhere", Every: 3}}
		c.Tenants = Tenants{Custom: true, CustomKey: "owner", CustomPerMinute: 30}
	}, func(o *org) {
		truth := o.truth(o.day(3), o.now)
		n := 0
		l := &listings{next: o.ways.next, of: func() (int, string) {
			switch n++; n % 3 {
			case 0:
				return http.StatusNotFound, `{"status":404,"code":"not.found"}`
			case 1:
				return http.StatusOK, ""
			}
			return http.StatusOK, `{"results":[{"customAttributes":{"owner":"acme"}},{"customAttributes":{"owner":"globex"}}]}`
		}}
		o.ways.next = l
		began := time.Now()
		b := o.must(source.Task{Window: o.day(3)})
		odd := 0
		for _, c := range truth {
			if c.Oddity != "" {
				odd++
			}
		}
		if asked := int(l.asked.Load()); asked != odd || odd < 20 {
			o.Errorf("%d of %d conversations were asked for", asked, odd)
		}
		if took := time.Since(began); took < time.Duration(odd-1)*2*time.Second {
			o.Errorf("%d requests in %s: more than 30 a minute", odd, took)
		}
		found := 0
		for _, i := range b.flat() {
			if i.TenantSource == FromCustom {
				found++
				if i.TenantID != truth[i.InteractionID].Tenant {
					o.Error("a wrong tenant")
				}
			}
		}
		classes := map[string]int{}
		for _, p := range b.parts {
			if p.Held != nil {
				classes[p.Held.Class] += bytes.Count(p.Body, []byte("\n"))
			}
		}
		if found != (odd+2)/3 || classes[source.ClassTenantMissing] != odd/3 || classes[source.ClassTenantConflict] != (odd+1)/3 {
			o.Errorf("of %d: %d found, held %v", odd, found, classes)
		}
	})
}
