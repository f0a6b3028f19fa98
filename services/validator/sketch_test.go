package validator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

func newOpener(t testing.TB) *sketch.Opener {
	t.Helper()
	var pem bytes.Buffer
	if err := sketch.GenerateKey(&pem); err != nil {
		t.Fatal(err)
	}
	o, err := sketch.NewOpener(pem.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// rawValue is a value in its canonical form.
type rawValue struct {
	kind sketch.Kind
	form string
}

func number(digits string) rawValue {
	kind, _ := sketch.Number(len(digits))
	return rawValue{kind, digits}
}

// rawSample is what was in the raw object that the good one was made of.
var rawSample = []rawValue{
	number("14155559876"), number("442079460958"), number("2079460958"), number("5500005555555559"), number("536228146"),
	{sketch.Mail, "jane.okafor@example.com"}, {sketch.Word, "cust1772300"}, {sketch.Name, "jane okafor"}, {sketch.Name, "jose garcia"},
	{sketch.Word, "7b3b5a2e6c1d4a579d0b00000000beef"},
}

func (v rawValue) hash(h *sketch.Hasher) sketch.Hash {
	if v.kind != sketch.Name {
		return v.kind.Of(h.Sum([]byte(v.form)))
	}
	var sums []uint64
	for word := range strings.FieldsSeq(v.form) {
		sums = append(sums, h.Sum([]byte(word)))
	}
	return sketch.Pair(sums[0], sums[len(sums)-1])
}

// encodedSketch is the sketch of raw values, sealed for the bytes with that digest.
func (w *world) encodedSketch(sha256 string, raw []rawValue, to *sketch.Opener) []byte {
	w.t.Helper()
	key := sketch.NewKey()
	c := sketch.NewCollector(func() (sketch.File, error) { return blob.Temp(w.t.TempDir()) })
	defer c.Close()
	hasher := key.Hasher()
	for _, v := range raw {
		if err := c.Add([]sketch.Hash{v.hash(hasher)}); err != nil {
			w.t.Fatal(err)
		}
	}
	sealed, err := to.Sealer().Seal(key, sha256)
	if err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Encode(&out, sealed); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

// sketch stores the sketch of what was masked, and names it in the statement.
func (w *world) sketch(o *object, sha256 string) {
	w.t.Helper()
	if o.sketched == o.ref.Object.Key+sha256 { // a masker names one sketch, however often it comes to the same object
		return
	}
	o.sketched = o.ref.Object.Key + sha256
	raw := w.encodedSketch(sha256, o.raw, w.opener)
	sum := digest(raw)
	o.masked.Sketch = &attest.Beside{Key: "_sketch/" + env + "/" + o.ref.Object.Key + "." + sum[:16], SHA256: sum}
	w.overwrite(masked, o.masked.Sketch.Key, raw)
}

// sketches are the keys of all sketches in the bucket.
func (w *world) sketches() (keys []string) {
	w.t.Helper()
	for o, err := range w.store.List(w.t.Context(), masked, "_sketch/") {
		if err != nil {
			w.t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// counts attests what there is to count in the rows.
func (o *object) counts() {
	o.masked.Domains = nil
	for _, d := range []struct{ column, domain string }{{"phone", "phone"}, {"email", "email"}, {"name", "person.name"}} {
		i := slices.IndexFunc(o.fields, func(f arrow.Field) bool { return f.Name == d.column })
		out := attest.Domain{Domain: d.domain, Scope: string(policy.TenantScope)}
		all := map[string]bool{}
		for rows := range slices.Chunk(o.rows, columnar.DefaultRowGroupRows) {
			group := map[string]bool{}
			for _, row := range rows {
				if i >= 0 && row[i] != nil && row[i] != "" {
					group[fmt.Sprint(row[1], "/", row[i])] = true
					all[fmt.Sprint(row[1], "/", row[i])] = true
				}
			}
			out.Distinct = append(out.Distinct, int64(len(group)))
		}
		out.Estimate = int64(len(all))
		o.masked.Domains = append(o.masked.Domains, out)
	}
	for i := range min(len(o.fields), len(o.masked.Columns)) {
		var nulls int64
		for _, row := range o.rows {
			if row[i] == nil {
				nulls++
			}
		}
		o.masked.Columns[i].Nulls = new(nulls)
	}
}
