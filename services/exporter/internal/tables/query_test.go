package tables

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

var october = objref.Window{From: time.Date(2023, 10, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2023, 11, 1, 0, 0, 0, 0, time.FixedZone("", 3600))}

// TestConstrain: the body is the guide's, and always says whose rows are wanted.
func TestConstrain(t *testing.T) {
	t.Parallel()
	const (
		tenant = `{"filter":{"type":"AND","predicates":[{"type":"CUSTOM_DIMENSION","fieldName":"tenant_id","operator":"EQUALS","values":["TENANT_A"]},`
		span   = `{"type":"DATE_RANGE","dimension":"startTime","values":["2023-10-01T00:00:00.000Z","2023-10-31T23:00:00.000Z"]}`
	)
	inbound := []Filter{{Field: "direction", Operator: "EQ", Values: []string{"INBOUND"}}}
	tests := map[string]struct {
		tenants []string
		filters []Filter
		columns []string
		want    string
		err     error
	}{
		"a tenant":                {tenants: []string{"TENANT_A"}, want: tenant + span + `]},"aggregations":[]}`},
		"a filter":                {tenants: []string{"TENANT_A"}, filters: inbound, want: tenant + span + `,{"type":"CUSTOM_DIMENSION","fieldName":"direction","operator":"EQUALS","values":["INBOUND"]}]},"aggregations":[]}`},
		"columns":                 {tenants: []string{"TENANT_A"}, columns: []string{"interactionId"}, want: tenant + span + `]},"columns":["interactionId","tenant_id"],"aggregations":[]}`},
		"columns with the tenant": {tenants: []string{"TENANT_A"}, columns: []string{"tenant_id", "direction"}, want: tenant + span + `]},"columns":["tenant_id","direction"],"aggregations":[]}`},
		"nobody":                  {err: ErrNoTenant},
		"a blank name":            {tenants: []string{"TENANT_A", "\t "}, err: ErrNoTenant},
		"no name":                 {tenants: []string{""}, err: ErrNoTenant},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := constrain(tt.tenants, october, tt.filters, tt.columns)
			if !errors.Is(err, tt.err) || string(q.body) != tt.want {
				t.Errorf("got %s, %v\nwant %s, %v", q.body, err, tt.want, tt.err)
			}
		})
	}
	wrong := []Filter{{Field: "ani", Operator: "LIKE", Values: []string{"+14155550142"}}}
	if _, err := constrain([]string{"TENANT_A"}, october, wrong, nil); err == nil || strings.Contains(err.Error(), "5550142") {
		t.Errorf("error is %v, want one without the value", err)
	}
}

// TestNothingIsSentWithoutTenants: there is no client here that could be asked.
func TestNothingIsSentWithoutTenants(t *testing.T) {
	t.Parallel()
	if _, err := Read(t.Context(), nil, Ask{Window: october}); !errors.Is(err, ErrNoTenant) || !errors.Is(err, source.ErrRefused) {
		t.Errorf("error is %v", err)
	}
	if _, err := (query{}).send(t.Context(), nil, Ask{Tenants: []string{"TENANT_A"}}); !errors.Is(err, ErrNoTenant) {
		t.Errorf("error is %v", err)
	}
}

// FuzzTenantOf: whatever a row is, its tenant is what one member of that name holds, and nothing else.
func FuzzTenantOf(f *testing.F) {
	for _, row := range []string{`{"tenant_id":"a"}`, `{"a":{"tenant_id":"b"},"tenant_id":"c"}`, `{"tenant_id":"a","tenant_id":"a"}`, `[]`, `{"tenant_id":1`, `{"Tenant_id":"x"}`, `{"tenant_id":"\ud800"}`} {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		if !json.Valid(row) { // the answer was read as JSON before
			return
		}
		tenant, ok := tenantOf(row)
		var members map[string]json.RawMessage
		var want string
		if ok && (json.Unmarshal(row, &members) != nil || json.Unmarshal(members[TenantField], &want) != nil || want != tenant) {
			t.Errorf("%q of %q", tenant, row)
		}
	})
}
