package edges

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

const phone = "+14155550142"

func foreignRow(t *testing.T) {
	c := pipe(t)
	c.routes = []exporter.Route{{Prefix: "acme/", Entity: "interaction", Tenant: "acme"}}
	c.drop("acme/mixed.jsonl", row("i-1", "acme", phone), row("i-2", "globex", phone), row("i-3", "acme", phone))
	c.drop("acme/pure.jsonl", row("i-4", "acme", phone))
	c.pass()
	c.once("acme/i-4")
	if got := c.rejected(); !slices.Equal(got, []string{"masker " + masker.ClassUnknownTenant}) {
		t.Errorf("rejected: %v", got)
	}
}

func twoTenants(t *testing.T) {
	c := pipe(t)
	c.drop("interaction/a.jsonl", row("i-1", "acme", phone), row("i-2", "globex", phone))
	c.drop("interaction/b.jsonl", row("i-3", "acme", "(415) 555-0142"), row("i-4", "globex", phone))
	c.pass()
	c.once("acme/i-1", "globex/i-2", "acme/i-3", "globex/i-4")
	tokens, _ := c.loaded("sandbox")
	if tokens["acme/i-1"] != tokens["acme/i-3"] || tokens["globex/i-2"] != tokens["globex/i-4"] {
		t.Error("one customer of one tenant has two tokens")
	}
	if tokens["acme/i-1"] == tokens["globex/i-2"] || tokens["acme/i-1"] == "" {
		t.Error("the customers of two tenants share a token")
	}
}

func wrongPath(t *testing.T) {
	for name, forge := range map[string]func(c *chain, r *objref.Ref){
		"nowhere":          func(*chain, *objref.Ref) {},
		"in the reference": func(_ *chain, r *objref.Ref) { r.Tenant = "globex" },
		"in both": func(c *chain, r *objref.Ref) {
			c.t.Helper()
			r.Tenant = "globex"
			at := r.Object.Location()
			at.Version = ""
			body, _, err := c.store.Get(c.t.Context(), at, blob.Range{})
			c.must(err)
			defer body.Close()
			var copied bytes.Buffer
			_, err = copied.ReadFrom(body)
			c.must(err)
			key := strings.Replace(at.Key, "/acme/", "/globex/", 1)
			if key == at.Key {
				c.t.Fatal("the key does not say whose the rows are")
			}
			stored, err := c.store.Put(c.t.Context(), blob.Location{Bucket: at.Bucket, Key: key}, bytes.NewReader(copied.Bytes()), int64(copied.Len()), blob.PutOptions{})
			c.must(err)
			format, sum := r.Object.Format, r.Object.SHA256
			r.Object = objref.From(stored)
			r.Object.Format, r.Object.SHA256 = format, sum
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := pipe(t)
			c.routes = []exporter.Route{{Prefix: "acme/", Entity: "interaction", Tenant: "acme"}}
			c.drop("acme/a.jsonl", row("i-1", "acme", phone))
			stop := c.start(exporter.Name, masker.Name)
			c.until("it is masked", func() bool { return len(c.messages(bus.Masked)) > 0 })
			stop()
			made := c.messages(bus.Masked)
			if len(made) != 1 {
				t.Fatalf("%d masked objects", len(made))
			}
			r, _, err := objref.Decode(made[0])
			c.must(err)
			forge(c, &r)
			m, err := objref.Encode(r, objref.AtMasked, r.Subject(objref.AtMasked), "/test")
			c.must(err)
			c.bus.Bus = membus.New(bus.Streams(bus.Horizon)) // where nobody has said the truth
			c.must(c.bus.Publish(t.Context(), m))
			stop = c.start(validator.Name, loader.Name)
			c.until("it has ended", func() bool { return len(c.messages(bus.Rejected))+len(c.messages(bus.Loaded)) > 0 })
			stop()
			if name == "nowhere" {
				c.once("acme/i-1")
				return
			}
			c.once()
			if got := c.rejected(); len(got) != 1 || !strings.HasPrefix(got[0], "validator ") {
				t.Errorf("rejected: %v", got)
			}
		})
	}
}

func redelivered(t *testing.T) {
	c := pipe(t)
	c.drop("interaction/a.jsonl", row("i-1", "acme", phone), row("i-2", "globex", phone))
	stop := c.start()
	c.until("everything has ended", c.ended)
	streams := []string{bus.Raw, bus.Masked, bus.Validated}
	for _, stream := range streams {
		for _, m := range c.messages(stream) {
			for n := range 3 {
				m.ID = fmt.Sprintf("%s-%d", m.ID, n) // the bus would drop an equal one
				c.must(c.bus.Publish(t.Context(), m))
			}
		}
	}
	for _, stream := range streams {
		c.until("all of "+stream+" is delivered again", func() bool { return c.bus.deliveries(stream) >= 4 })
	}
	stop()
	c.once("acme/i-1", "globex/i-2")
	if got := c.rejected(); len(got) != 0 {
		t.Errorf("rejected: %v", got)
	}
}

func killedAnywhere(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after the write: %v", after), func(t *testing.T) {
			t.Parallel()
			at := 1
			for ; killedAt(t, at, after); at++ {
			}
			if at < 8 {
				t.Errorf("%d writes: not all services were killed", at-1)
			}
		})
	}
}

// killedAt kills all services at a write; false when there is none any more.
func killedAt(t *testing.T, at int, after bool) bool {
	c := pipe(t)
	c.drop("interaction/a.jsonl", row("i-1", "acme", phone), row("i-2", "globex", phone))
	c.store.death.at, c.store.death.after = at, after
	stop := c.start()
	c.until("everything has ended, or all are dead", func() bool { return c.store.death.isDead() || c.ended() })
	stop()
	killed := c.store.death.revive()
	c.pass()
	c.once("acme/i-1", "globex/i-2")
	if got := c.rejected(); len(got) != 0 {
		t.Errorf("killed at write %d: rejected %v", at, got)
	}
	return killed
}

func residual(t *testing.T) {
	c := pipe(t)
	left := strings.Replace(row("i-1", "acme", phone), `"q-1"`, `"ask for 917-555-0188"`, 1)
	c.drop("interaction/a.jsonl", left, row("i-2", "globex", phone))
	c.pass()
	c.once()
	if got := c.rejected(); !slices.Equal(got, []string{"validator " + validator.ClassHit}) {
		t.Errorf("rejected: %v", got)
	}
	c.hides("917-555-0188", "9175550188", phone[1:])
}

// hides wants none of the values in logs, spans, metrics, references and the objects beside the data. Keys of the raw bucket
// are data: they stand in references, and nowhere else.
func (c *chain) hides(values ...string) {
	c.t.Helper()
	places := map[string]string{"the logs": c.logs.String(), "the spans": c.spans.String(), "the metrics": c.metrics}
	for _, stream := range []string{bus.Rejected, bus.Dead, bus.Masked, bus.Validated, bus.Loaded} {
		for _, m := range c.messages(stream) {
			data := string(m.Data)
			for _, o := range c.dropped {
				data = strings.ReplaceAll(data, o.Key, "")
			}
			places["stream "+stream] += m.Subject + m.ID + data + fmt.Sprint(m.Header)
		}
	}
	for o, err := range c.store.List(c.t.Context(), pair.Buckets().Quarantine, "") {
		c.must(err)
		if strings.HasSuffix(o.Key, ".parquet") {
			continue // an object that was stopped, kept for who decides about it
		}
		body, _, err := c.store.Get(c.t.Context(), blob.Location{Bucket: pair.Buckets().Quarantine, Key: o.Key}, blob.Range{})
		c.must(err)
		var text bytes.Buffer
		_, err = text.ReadFrom(body)
		c.must(err)
		body.Close()
		places["quarantine"] += o.Key + text.String()
	}
	for _, place := range []string{"the logs", "the spans", "the metrics", "stream " + bus.Rejected} {
		if places[place] == "" {
			c.t.Errorf("there is nothing in %s to look at", place)
		}
	}
	for place, text := range places {
		for _, v := range values {
			if i := strings.Index(text, v); i >= 0 {
				c.t.Errorf("a value shows in %s: %s", place, text[max(i-200, 0):i+len(v)])
			}
		}
	}
}

func silent(t *testing.T) {
	c := pipe(t)
	const mail, number, name = "hidden.person@example.org", "+19175550188", "Hildegunde"
	good := row("i-1", "acme", number)
	for key, text := range map[string]string{
		"interaction/unknown.jsonl":                      strings.Replace(good, "{", `{"callback`+name+`":"`+number+`",`, 1),
		"interaction/type.jsonl":                         strings.Replace(good, `"phoneNumber":"`+number+`"`, `"phoneNumber":{"`+mail+`":"`+number+`"}`, 1),
		"interaction/ragged.csv":                         "interactionId,tenant_id,queue,phoneNumber,notes\ni-1,acme,q-1," + number + "," + name + "," + mail + "\n",
		"interaction/broken.jsonl":                       good + "\n{" + mail + number,
		"interaction/tenant.jsonl":                       strings.Replace(good, `"acme"`, `"`+mail+`"`, 1),
		"interaction/key.jsonl":                          strings.Replace(good, `"i-1"`, "null", 1),
		"interaction/twice.jsonl":                        strings.Replace(good, "{", `{"notes":"`+mail+`",`, 1),
		"interaction/binary.parquet":                     "PAR1 " + number + " " + mail + " PAR1",
		"interaction/" + name + number + mail + ".jsonl": "{",
		number + "/a.jsonl":                              good,
	} {
		c.dropText(key, text)
	}
	c.pass()
	c.once()
	if got := c.rejected(); len(got) != 10 {
		t.Errorf("%d objects were refused, want 10: %v", len(got), got)
	}
	c.hides(mail, "hidden.person", number[1:])
}

func salts(t *testing.T) {
	var text bytes.Buffer
	if err := keys.Write(&text, keys.NewEntry(1), keys.NewEntry(2)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{} // token by environment and epoch
	mask := func(label string, epoch int, environments ...string) {
		ring, err := keys.Load(keys.Source{Text: keys.NewSecret(text.Bytes()), Epoch: epoch})
		if err != nil {
			t.Fatal(err)
		}
		c := pipe(t)
		c.ring, c.environments = ring, environments
		c.drop("interaction/a.jsonl", row("i-1", "acme", phone))
		c.pass()
		for _, env := range environments {
			tokens, _ := c.loaded(env)
			seen[label+" "+env] = tokens["acme/i-1"]
		}
	}
	mask("epoch 1", 1, "sandbox", "staging")
	mask("epoch 2", 2, "sandbox", "staging")
	mask("epoch 1 again", 1, "sandbox", "staging")
	for a, token := range seen {
		if token == "" {
			t.Errorf("%s has no row", a)
		}
		for b, other := range seen {
			same := strings.Replace(a, " again", "", 1) == strings.Replace(b, " again", "", 1)
			if (token == other) != same {
				t.Errorf("%s and %s: the tokens are equal: %v", a, b, token == other)
			}
		}
	}
}

func cut(t *testing.T) {
	c := pipe(t)
	one, two := row("i-1", "acme", phone), row("i-2", "globex", phone)
	c.dropText("interaction/behind.json", one+two)
	c.dropText("interaction/nothing.jsonl", "")
	c.dropText("interaction/blank.jsonl", " \n")
	c.dropText("interaction/cut.jsonl", row("i-3", "acme", phone)+row("i-4", "acme", phone)[:40])
	c.dropText("interaction/members.jsonl", row("i-5", "acme", phone)+"{}")
	c.pass()
	c.once("acme/i-1", "globex/i-2")
	if got, want := c.rejected(), []string{"masker " + masker.ClassMalformed, "masker " + masker.ClassUnknownTenant}; !slices.Equal(got, want) {
		t.Errorf("rejected: %v, want %v", got, want)
	}
	if ended := c.messages(bus.Loaded); len(ended) != 3 {
		t.Errorf("%d objects were loaded, want 3", len(ended))
	}
}
