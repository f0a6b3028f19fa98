package genesyssim_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/genesyssim"
)

const imports = "/api/v2/data/import"

// put stores an object of masked rows.
func (b *bench) put(key, content string) {
	b.Helper()
	if _, err := b.store.Put(b.Context(), blob.Location{Bucket: "masked", Key: key}, strings.NewReader(content), int64(len(content)), blob.PutOptions{}); err != nil {
		b.Fatal(err)
	}
}

type imported struct {
	State, ErrorMessage                      string
	Imported, Skipped, Overwritten, Rejected int
}

func (i imported) String() string {
	return fmt.Sprintf("%s +%d =%d ~%d -%d", i.State, i.Imported, i.Skipped, i.Overwritten, i.Rejected)
}

func importBody(prefix, format string, overwrite, skip bool) map[string]any {
	return map[string]any{
		"environmentId": "sandbox-01", "entityType": "interaction", "format": format,
		"sourceLocation": map[string]any{"type": "AWS_S3", "bucketName": "masked", "region": "us-east-1", "keyPrefix": prefix},
		"options":        map[string]any{"overwriteExisting": overwrite, "skipDuplicates": skip},
	}
}

// load imports a prefix and waits for the end.
func (b *bench) load(body map[string]any) imported {
	b.Helper()
	id := read[struct{ ID string }](b, b.call(202, http.MethodPost, imports, body)).ID
	b.Forward(3 * time.Second)
	return read[imported](b, b.call(200, http.MethodGet, imports+"/"+id, nil))
}

func row(id, code string) string {
	return fmt.Sprintf(`{"interactionId":%q,"tenant_id":"acme","durationMs":1000,"startTime":"2026-03-01T00:00:00.000Z","wrapUpCode":%q}`+"\n", id, code)
}

func TestImport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		overwrite, skip bool
		want            string
		code            string // of row 2 afterwards
	}{
		{"neither", false, false, "COMPLETED +1 =0 ~0 -1", "OLD"},
		{"skip", false, true, "COMPLETED +1 =1 ~0 -0", "OLD"},
		{"overwrite", true, false, "COMPLETED +1 =0 ~1 -0", "NEW"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.put("first/a.jsonl", row("1", "OLD")+row("2", "OLD"))
			b.put("second/a.jsonl", row("2", "NEW")+row("3", "NEW"))
			if got := b.load(importBody("first/", "JSON_LINES", false, false)).String(); got != "COMPLETED +2 =0 ~0 -0" {
				t.Fatal(got)
			}
			if got := b.load(importBody("second/", "JSON_LINES", c.overwrite, c.skip)).String(); got != c.want {
				t.Errorf("%s and not %s", got, c.want)
			}
			rows := b.sim.Imported("sandbox-01")
			if len(rows) != 3 || rows["acme/2"]["wrapUpCode"] != c.code || len(b.sim.Imported("sandbox-02")) != 0 {
				t.Errorf("%v", rows)
			}
		})
	}
}

func TestImportIsPartial(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put("in/a.jsonl", row("1", "OLD")+
		`{"interactionId":"2","tenant_id":"acme","shoeSize":"43"}`+"\n"+
		`{"interactionId":"3","tenant_id":"acme","durationMs":"long"}`+"\n"+
		`{"interactionId":"4"}`+"\n"+
		`{"interactionId":"5","tenant_id":"acme","startTime":"soon"}`+"\n"+
		row("1", "TWICE"))
	if got := b.load(importBody("in/", "JSON_LINES", false, true)).String(); got != "COMPLETED +1 =1 ~0 -4" {
		t.Error(got)
	}
}

func TestImportReadsWhatExportsWrite(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"JSON_LINES", "CSV", "PARQUET"} {
		b := setup(t)
		destination := map[string]any{"type": "AWS_S3", "bucketName": "masked", "region": "us-east-1", "keyPrefix": "in/"}
		e := b.export(order(map[string]any{"format": format, "destination": destination}))
		got := b.load(importBody("in/", format, false, false))
		if got.State != "COMPLETED" || got.Imported != e.RecordCount || got.Rejected != 0 {
			t.Errorf("%s: %s of %d", format, got, e.RecordCount)
		}
	}
}

func TestImportFails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.put("text/a.jsonl", "not JSON\n")
	b.put("other/a.csv", "interactionId,tenant_id\n1,acme\n")
	for prefix, says := range map[string]string{"text/": "no whole JSON_LINES", "other/": "no JSON_LINES"} {
		if got := b.load(importBody(prefix, "JSON_LINES", false, true)); got.State != "FAILED" || !strings.Contains(got.ErrorMessage, says) && !strings.Contains(got.ErrorMessage, "no JSON_LINES") {
			t.Errorf("%s: %s %s", prefix, got, got.ErrorMessage)
		}
	}
	for name, change := range map[string]func(map[string]any){
		"both options": func(m map[string]any) {
			m["options"] = map[string]any{"overwriteExisting": true, "skipDuplicates": true}
		},
		"no environment": func(m map[string]any) { delete(m, "environmentId") },
		"another entity": func(m map[string]any) { m["entityType"] = "agent" },
		"no source":      func(m map[string]any) { delete(m, "sourceLocation") },
		"another format": func(m map[string]any) { m["format"] = "XML" },
	} {
		body := importBody("in/", "JSON_LINES", false, true)
		change(body)
		if status, _, answer, err := b.try(http.MethodPost, imports, body); status != 400 || err != nil {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	b.call(404, http.MethodGet, imports+"/nothing", nil)
}

// A crash between the commit and the reply: who tries again must not load twice.
func TestImportWithoutAReply(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) {
		c.Faults = []genesyssim.Fault{{On: "POST " + imports, Do: genesyssim.Lost}}
	})
	b.put("in/a.jsonl", row("1", "OLD")+row("2", "OLD"))
	body := importBody("in/", "JSON_LINES", false, true)
	if _, _, _, err := b.try(http.MethodPost, imports, body); err == nil {
		t.Fatal("there was a reply")
	}
	b.Forward(3 * time.Second)
	if got := b.load(body).String(); got != "COMPLETED +0 =2 ~0 -0" {
		t.Error(got)
	}
	if n := len(b.sim.Imported("sandbox-01")); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestFailedImport(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) {
		c.Faults = []genesyssim.Fault{{On: "POST " + imports, Do: genesyssim.Fail, Message: "no room"}, {On: "GET " + imports + "/*", Nth: 2, Do: genesyssim.Vanish}}
	})
	if got := b.load(importBody("in/", "JSON_LINES", false, true)); got.State != "FAILED" || got.ErrorMessage != "no room" {
		t.Errorf("%s %s", got, got.ErrorMessage)
	}
	id := read[struct{ ID string }](t, b.call(202, http.MethodPost, imports, importBody("in/", "JSON_LINES", false, true))).ID
	b.call(404, http.MethodGet, imports+"/"+id, nil)
	b.call(404, http.MethodGet, imports+"/"+id, nil)
	if !bytes.Contains(b.call(404, http.MethodGet, imports+"/"+id, nil), []byte("not.found")) {
		t.Error("the code is another one")
	}
}
