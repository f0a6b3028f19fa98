package analytics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// record writes a conversation whose participants have the attributes, JSON objects, and whose segments were in the queues.
func record(attributes []string, queues, divisions []string, tag string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"conversationId":"c-1","conversationStart":"2026-03-09T13:04:11.482Z","externalTag":%q,"divisionIds":[`, tag)
	for i, d := range divisions {
		fmt.Fprintf(&b, "%s%q", strings.Repeat(",", min(i, 1)), d)
	}
	b.WriteString(`],"participants":[{"purpose":"acd","sessions":[{"segments":[`)
	for i, q := range queues {
		fmt.Fprintf(&b, `%s{"queueId":%q}`, strings.Repeat(",", min(i, 1)), q)
	}
	b.WriteString(`]}]}`)
	for _, a := range attributes {
		fmt.Fprintf(&b, `,{"purpose":"customer","attributes":%s}`, a)
	}
	b.WriteString(`]}`)
	return b.String()
}

func TestResolve(t *testing.T) {
	t.Parallel()
	queues := map[string]string{"q-acme": "acme", "q-acme-2": "acme", "q-globex": "globex", "q-shared": ""}
	divisions := map[string]string{"d-acme": "acme", "d-globex": "globex", "d-home": ""}
	type in struct {
		attributes, queues, divisions []string
		tag, custom                   string
		known                         []string
	}
	list := func(s ...string) []string { return s }
	tests := map[string]struct {
		in
		tenant, source string
		class          string // of the fault
	}{
		"the attribute":                       {in: in{attributes: list(`{"x":1,"tenant_id":"acme"}`)}, tenant: "acme", source: FromAttribute},
		"with blanks around it":               {in: in{attributes: list(`{"tenant_id":" acme\t"}`)}, tenant: "acme", source: FromAttribute},
		"escaped":                             {in: in{attributes: list(`{"\u0074enant_id":"\u0061cme"}`)}, tenant: "acme", source: FromAttribute},
		"on several participants":             {in: in{attributes: list(`{"tenant_id":"acme"}`, `{}`, `null`, `{"tenant_id":"acme"}`)}, tenant: "acme", source: FromAttribute},
		"participants that disagree":          {in: in{attributes: list(`{"tenant_id":"acme"}`, `{"tenant_id":"globex"}`)}, class: source.ClassTenantConflict},
		"by case":                             {in: in{attributes: list(`{"tenant_id":"acme"}`, `{"tenant_id":"ACME"}`)}, class: source.ClassTenantConflict},
		"blank":                               {in: in{attributes: list(`{"tenant_id":""}`)}, class: source.ClassTenantBlank},
		"blanks":                              {in: in{attributes: list(`{"tenant_id":" \u00a0"}`)}, class: source.ClassTenantBlank},
		"null":                                {in: in{attributes: list(`{"tenant_id":null}`)}, class: source.ClassTenantBlank},
		"blank though the queue would do":     {in: in{attributes: list(`{"tenant_id":""}`), queues: list("q-acme")}, class: source.ClassTenantBlank},
		"blank on one participant":            {in: in{attributes: list(`{"tenant_id":""}`, `{"tenant_id":"acme"}`)}, tenant: "acme", source: FromAttribute},
		"cut":                                 {in: in{attributes: list(`{"tenant_id":"` + strings.Repeat("é", 1024) + `"}`)}, class: source.ClassTenantTruncated},
		"cut on one participant":              {in: in{attributes: list(`{"tenant_id":"acme"}`, `{"tenant_id":"`+strings.Repeat("a", 1024)+`"}`)}, class: source.ClassTenantTruncated},
		"too long, and not cut":               {in: in{attributes: list(`{"tenant_id":"` + strings.Repeat("a", 1023) + `"}`)}, class: source.ClassTenantMalformed},
		"a number":                            {in: in{attributes: list(`{"tenant_id":42}`)}, class: source.ClassTenantMalformed},
		"a telephone number":                  {in: in{attributes: list(`{"tenant_id":"+1 212 555 0147"}`)}, class: source.ClassTenantMalformed},
		"a mail address":                      {in: in{attributes: list(`{"tenant_id":"jane@example.com"}`)}, class: source.ClassTenantMalformed},
		"another case of the key":             {in: in{attributes: list(`{"Tenant_ID":"acme"}`)}, class: source.ClassTenantKey},
		"another case, and a queue":           {in: in{attributes: list(`{"TENANT_ID":"acme"}`), queues: list("q-acme")}, class: source.ClassTenantKey},
		"blanks around the key":               {in: in{attributes: list(`{"tenant_id ":"acme"}`)}, class: source.ClassTenantKey},
		"both cases, of one mind":             {in: in{attributes: list(`{"tenant_id":"acme","Tenant_ID":"acme"}`)}, tenant: "acme", source: FromAttribute},
		"both cases, other order":             {in: in{attributes: list(`{"Tenant_ID":"acme","tenant_id":"acme"}`)}, tenant: "acme", source: FromAttribute},
		"both cases, one blank":               {in: in{attributes: list(`{"tenant_id":"acme","Tenant_ID":" "}`)}, tenant: "acme", source: FromAttribute},
		"another case, and blank":             {in: in{attributes: list(`{"Tenant_ID":" "}`)}, class: source.ClassTenantKey},
		"both cases, other tenant":            {in: in{attributes: list(`{"tenant_id":"acme","Tenant_ID":"globex"}`)}, class: source.ClassTenantKey},
		"known":                               {in: in{attributes: list(`{"tenant_id":"acme"}`), known: list("acme")}, tenant: "acme", source: FromAttribute},
		"unknown":                             {in: in{attributes: list(`{"tenant_id":"umbrella"}`), known: list("acme")}, class: source.ClassTenantUnknown},
		"a number that is known":              {in: in{attributes: list(`{"tenant_id":"+12125550147"}`), known: list("+12125550147")}, tenant: "+12125550147", source: FromAttribute},
		"the attribute before all others":     {in: in{attributes: list(`{"tenant_id":"acme"}`), custom: `{"tenant_id":"globex"}`, queues: list("q-globex"), divisions: list("d-globex"), tag: "globex", known: list("acme", "globex")}, tenant: "acme", source: FromAttribute},
		"the custom attribute before the tag": {in: in{custom: `{"x":1,"tenant_id":"globex"}`, tag: "acme", known: list("acme", "globex")}, tenant: "globex", source: FromCustom},
		"a custom attribute that is blank":    {in: in{custom: `{"tenant_id":""}`, queues: list("q-acme")}, class: source.ClassTenantBlank},
		"no custom attribute":                 {in: in{custom: `{"x":1}`, queues: list("q-acme")}, tenant: "acme", source: FromQueue},
		"the tag before the queue":            {in: in{tag: "globex", queues: list("q-acme"), known: list("acme", "globex")}, tenant: "globex", source: FromTag},
		"a tag that is no tenant":             {in: in{tag: "CASE-0045812 J.Okafor", queues: list("q-acme"), known: list("acme", "globex")}, tenant: "acme", source: FromQueue},
		"a tag without a list of tenants":     {in: in{tag: "acme"}, class: source.ClassTenantMissing},
		"the queue before the division":       {in: in{queues: list("q-acme", "q-acme-2", "q-shared"), divisions: list("d-globex")}, tenant: "acme", source: FromQueue},
		"queues of two":                       {in: in{queues: list("q-acme", "q-globex")}, class: source.ClassTenantConflict},
		"a queue that is not listed":          {in: in{queues: list("q-acme", "q-new")}, class: source.ClassTenantUnknown},
		"queues that are not listed":          {in: in{queues: list("q-new", "q-shared"), divisions: list("d-acme")}, tenant: "acme", source: FromDivision},
		"the division":                        {in: in{divisions: list("d-acme", "d-home")}, tenant: "acme", source: FromDivision},
		"divisions of two":                    {in: in{divisions: list("d-acme", "d-globex")}, class: source.ClassTenantConflict},
		"a division that is not listed":       {in: in{divisions: list("d-acme", "d-new")}, class: source.ClassTenantUnknown},
		"nothing":                             {in: in{attributes: list(`{"LOB":"claims"}`)}, class: source.ClassTenantMissing},
		"not even participants":               {class: source.ClassTenantMissing},
		"an attribute that is no object":      {in: in{attributes: list(`"tenant_id"`, `["tenant_id"]`)}, class: source.ClassTenantMissing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var custom func(context.Context, string) ([]byte, error)
			if tt.custom != "" {
				custom = func(context.Context, string) ([]byte, error) {
					return []byte(`{"results":[{"id":"1","customAttributes":` + tt.custom + `}]}`), nil
				}
			}
			r, err := newResolver(Config{Tenants: Tenants{Known: tt.known, Queues: queues, Divisions: divisions}}.withDefaults().Tenants, custom)
			if err != nil {
				t.Fatal(err)
			}
			c, bad := parse([]byte(record(tt.attributes, tt.queues, tt.divisions, tt.tag)))
			if bad != "" {
				t.Fatal(bad)
			}
			for range 2 { // the second time from memory
				got, fault, err := r.resolve(t.Context(), &c)
				if err != nil {
					t.Fatal(err)
				}
				if class := classOf(fault); class != tt.class || fault == nil && got != (owner{tt.tenant, tt.source}) {
					t.Errorf("%+v, %q, want %s from %s, %q", got, class, tt.tenant, tt.source, tt.class)
				}
			}
		})
	}
}

func classOf(f *fault) string {
	if f == nil {
		return ""
	}
	return f.class
}

// TestFaultsTellNothing wants no value in what is said of a conversation, and no more than a header can hold.
func TestFaultsTellNothing(t *testing.T) {
	t.Parallel()
	r, err := newResolver(Config{Tenants: Tenants{Queues: map[string]string{"q": "acme"}}}.withDefaults().Tenants, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, attributes := range []string{
		`{"tenant_id":"+12125550147"}`, `{"tenant_id":12125550147}`, `{"TENANT_id":"+12125550147"}`, `{"tenant_id":"` + strings.Repeat("+12125550147", 100) + `"}`,
	} {
		c, _ := parse([]byte(record([]string{attributes, `{"tenant_id":"+12125550148"}`}[:1], nil, nil, "")))
		_, bad, _ := r.resolve(t.Context(), &c)
		if bad == nil {
			t.Fatalf("%s is a tenant", attributes)
		}
		if said := fmt.Sprintf("%+v", *bad.reason(1)); strings.Contains(said, "555") || len(bad.detail) > 300 || bad.detail == "" {
			t.Errorf("%s", said)
		}
	}
}

func TestResolveFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the provider is away")
	r, err := newResolver(Config{}.withDefaults().Tenants, func(context.Context, string) ([]byte, error) { return nil, broken })
	if err != nil {
		t.Fatal(err)
	}
	c, _ := parse([]byte(record(nil, nil, nil, "")))
	if _, bad, err := r.resolve(t.Context(), &c); !errors.Is(err, broken) || bad != nil {
		t.Errorf("%v, %v: want that the task fails, and nothing held", bad, err)
	}
}

// TestTenantOfAnyName: a tenant that a queue tells may be called anything that a company is, and its parts can be stored.
func TestTenantOfAnyName(t *testing.T) {
	t.Parallel()
	const name = "Smith & Söhne, 5 Main Street"
	simulate(t, func(world *genesyssim.Config, c *Config) {
		world.Odd = []genesyssim.Oddity{{Tenant: "queue", Every: 2}}
		known, err := genesyssim.New(*world)
		if err != nil {
			t.Fatal(err)
		}
		c.Tenants.Queues = map[string]string{}
		for id := range known.Queues() {
			c.Tenants.Queues[id] = name
		}
	}, func(o *org) {
		b := o.must(source.Task{Window: o.day(3)})
		for _, p := range b.parts {
			if p.Entity == Conversation && p.Tenant == name {
				return
			}
		}
		o.Error("no part of the tenant")
	})
}
