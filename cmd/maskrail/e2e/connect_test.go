package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/s3"
	"github.com/maskrail/maskrail/libs/objref"
)

// deliveries are the routes of a bucket with contact records as Firehose writes them, and files of interactions of which the
// folder alone says whose they are.
const deliveries = `
routes:
  - prefix: connect/ctr/
    entity: contact
    format: json
    timeOrdered: true
    ignore: ["*_metadata.json"]
  - prefix: calls/
    entity: interaction
    tenant: "{tenant_id}"
    format: csv
    dialect: pipe
`

const contactPolicies = `
source:
  dialects: {pipe: {delimiter: "|"}}
`

// contact is a record of Amazon Connect with the media streams in JSON. Its customer and agent are invented.
func contact(id, tenant, updated, reason, streams string) string {
	return fmt.Sprintf(`{"AWSAccountId":"111122223333","AWSContactTraceRecordFormatVersion":"2017-03-10","Agent":{"ARN":"arn:aws:connect:us-east-1:111122223333:instance/i-1/agent/a-1","Username":"bodil.diaz","NumberOfHolds":0,"HierarchyGroups":null,"StateTransitions":[]},"AgentConnectionAttempts":1,"Attributes":{"tenant_id":%q,"CustomerName":"Jane Okafor","Callback":"+1 415 555 0142"},"Channel":"VOICE","ContactId":%q,"CustomerEndpoint":{"Address":"+14155550142","Type":"TELEPHONE_NUMBER"},"SystemEndpoint":{"Address":"+18005550100","Type":"TELEPHONE_NUMBER"},"TransferredToEndpoint":null,"DisconnectReason":%q,"InitiationMethod":"INBOUND","InitiationTimestamp":"2026-03-09T13:04:11Z","LastUpdateTimestamp":%q,"MediaStreams":%s,"Queue":{"ARN":"arn:aws:connect:us-east-1:111122223333:instance/i-1/queue/q-1","Name":"Claims","EnqueueTimestamp":"2026-03-09T13:04:58Z","DequeueTimestamp":"2026-03-09T13:05:40Z","Duration":42},"Recording":null,"Recordings":null,"References":[],"Tags":{"aws:connect:instanceId":"i-1"}}`,
		tenant, id, reason, updated, streams)
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lay stores an object of that content.
func lay(t *testing.T, store *s3.Store, key, content string) objref.Object {
	t.Helper()
	o, err := store.Put(t.Context(), blob.Location{Bucket: app.DefaultCommon().Buckets.Raw, Key: key}, strings.NewReader(content), int64(len(content)), blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return objref.From(o)
}

// Contact records that are delivered at least once and one after the other without a line break, and files of which the
// folder says whose they are, go the whole way; one that was cut off, and one with a row of another tenant, stop before it.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	var documents []string
	for _, name := range []string{"guide-interaction", "amazon-connect-ctr"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "policies", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	documents[0] += contactPolicies
	dir := filepath.Join(t.TempDir(), "data")
	u := startUp(t, "--policy", write(t, "policy.yaml", strings.Join(documents, "\n---\n")), "--key-file", keyFile(t), "--dir", dir,
		"--exporter-config", write(t, "exporter.yaml", deliveries))
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(u.err)
		}
	})
	store := u.store(t)

	const hour = "connect/ctr/2026/03/09/13/ctr-1-2026-03-09-13-"
	const streams = `[{"Type":"AUTOMATIC_SPEECH_RECOGNITION"},{"Type":"AUDIO"}]`
	first := contact("c-1", "acme", "2026-03-09T13:20:00Z", "CUSTOMER_DISCONNECT", streams)
	tests := []struct {
		name, key, content string
		code               int
		says               string // in the answer
	}{
		{"records of two tenants, one of them twice", hour + "04-11-a1", contact("c-1", "acme", "2026-03-09T13:18:00Z", "AGENT_DISCONNECT", streams) + contact("c-2", "globex", "2026-03-09T13:19:00Z", "", "[]") + first, http.StatusOK, `"rowsRejected":1`},
		{"a record again, with gzip", hour + "09-11-b2", zipped(t, contact("c-1", "acme", "2026-03-09T14:20:00Z", "EXPIRED", streams)+contact("c-3", "acme", "2026-03-09T14:20:00Z", "", "null")), http.StatusOK, `"rowsSkipped":1`},
		{"an object without a record", hour + "14-11-c3", "", http.StatusOK, `"rows":0`},
		{"an object that was cut off", hour + "19-11-d4", contact("c-8", "acme", "2026-03-09T15:00:00Z", "", streams) + first[:len(first)-200], http.StatusConflict, `"class":"malformed"`},
		{"interactions of a folder", "calls/tenant_id=A%20%26%20B/dt=2026-03-09/part-0", "interactionId|phoneNumber|startTime\ni-1|+14155550142|2026-03-09T13:00:00Z\ni-2||2026-03-09T13:00:00Z\n", http.StatusOK, `"rowsLoaded":2`},
		{"interactions of another tenant in a folder", "calls/tenant_id=acme/part-0", "interactionId|tenant_id\ni-3|acme\ni-4|globex\n", http.StatusConflict, `"class":"unknown-tenant"`},
		{"a file of no dialect that is meant", "calls/tenant_id=acme/part-1", "interactionId,phoneNumber\ni-5,+14155550142\n", http.StatusConflict, `"class":"missing-field"`},
		{"a folder that names no tenant", "calls/dt=2026-03-09/part-2", "interactionId|tenant_id\ni-6|acme\n", http.StatusNotFound, ""},
	}
	lay(t, store, hour+"04-11-a1_metadata.json", "{}")
	lay(t, store, "calls/tenant_id=acme/_SUCCESS", "")
	objects := make([]objref.Object, len(tests))
	for i, tt := range tests {
		objects[i] = lay(t, store, tt.key, tt.content)
		if tt.code == http.StatusNotFound {
			continue // the exporter stops it, before it has a run
		}
		code, body := found(t, u.info.HTTP+"/refresh/"+objref.DropRun(objects[i]))
		if code != tt.code || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d %s, want %d and %s", tt.name, code, body, tt.code, tt.says)
		}
		for _, value := range []string{"5550142", "Okafor", "diaz"} {
			if strings.Contains(body, value) {
				t.Errorf("%s: the answer shows a value: %s", tt.name, body)
			}
		}
	}
	u.stop(t)

	sandbox := filepath.Join(dir, "sandbox.duckdb")
	got := query(t, sandbox, `SELECT ContactId, tenant_id, DisconnectReason, strftime(LastUpdateTimestamp, '%H:%M'), CustomerEndpoint.Address LIKE '+999%', len(MediaStreams), "Queue".Duration FROM contact ORDER BY 1`)
	want := [][]string{
		{"c-1", "acme", "CUSTOMER_DISCONNECT", "13:20", "true", "2", "42"},
		{"c-2", "globex", "", "13:19", "true", "0", "42"},
		{"c-3", "acme", "", "14:20", "true", "", "42"},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("contacts %q, want %q", got, want)
	}
	got = query(t, sandbox, "SELECT interactionId, tenant_id, phoneNumber LIKE '+999%' FROM interaction ORDER BY 1")
	if want := [][]string{{"i-1", "A & B", "true"}, {"i-2", "A & B", ""}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("interactions %q, want %q", got, want)
	}
	for name := range tree(t, stack.Dir(dir).Bucket(app.DefaultCommon().Buckets.Masked)) {
		if strings.HasPrefix(name, "sandbox/interaction/") && !strings.HasPrefix(name, "sandbox/interaction/A=20=26=20B/") {
			t.Errorf("a masked object of interactions lies at %s, in no folder of its tenant", name)
		}
	}
}
