package dataexport_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
)

// TestSilence: a telephone number in a filter, and what the provider says of it, show in no error, note or state.
func TestSilence(t *testing.T) {
	t.Parallel()
	const phone = "+14155550142"
	for _, on := range []string{"POST /oauth/token", create, status, table} {
		for _, code := range []int{400, 401, 403, 404, 409, 413, 422, 500, 503} {
			t.Run(fmt.Sprintf("%s %d", on, code), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b, s := setup(t, func(c *genesyssim.Config, d *dataexport.Config) {
						c.Faults = []genesyssim.Fault{{On: on, Times: -1, Do: genesyssim.Status, Status: code, Code: phone, Message: "no " + phone}}
						d.Filters = []dataexport.Filter{{Field: "phoneNumber", Operator: "EQ", Values: []string{phone}}}
					}), newSink()
					task := b.task()
					if on == table {
						task.Tenants = []string{"acme"}
					}
					err := b.source.Export(t.Context(), task, s)
					if shown := fmt.Sprintf("%v %+v %s %v", err, err, s.state, s.notes); err == nil || strings.Contains(shown, "5550142") || strings.Contains(shown, "simulated-secret") || strings.Contains(shown, "sim-") {
						t.Errorf("it shows in %s", shown)
					}
				})
			})
		}
	}
}
