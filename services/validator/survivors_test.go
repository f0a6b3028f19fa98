package validator

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/stage"
)

// outcome is what a rule says in the report.
func (r Report) outcome(rule string) Outcome {
	for _, o := range r.Rules {
		if o.Rule == rule {
			return o
		}
	}
	return Outcome{}
}

// hitsOf is what the sketch of the sample finds in a text.
func hitsOf(t *testing.T, text string) (hits [sketch.Kinds]int64) {
	t.Helper()
	c := newCandidates(wantedOf(t, "US", rawSample))
	c.text([]byte(text))
	c.settle()
	return c.hits
}

func wantedOf(t testing.TB, region string, raw []rawValue) *wanted {
	t.Helper()
	w := &world{t: t}
	o := newOpener(t)
	b := w.encodedSketch(digest(nil), raw, o)
	set, err := sketch.Read(bytes.NewReader(b), int64(len(b)), nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := o.Open(set.Sealed(), digest(nil))
	if err != nil {
		t.Fatal(err)
	}
	return newWanted(set, key, region)
}

// TestWaysToWriteAValue finds the raw values however they are written, alone and in a text.
func TestWaysToWriteAValue(t *testing.T) {
	t.Parallel()
	for kind, forms := range map[sketch.Kind][]string{
		number("14155559876").kind: {
			"+14155559876", "4155559876", "(415) 555-9876", "415.555.9876", "1-415-555-9876", "+1 415 555 9876", "001 415 555 9876", "415/555-9876",
			"415 555-9876", "415–555–9876", "４１５５５５９８７６", "٤١٥٥٥٥٩٨٧٦", "415\u200b5559876", "4 1 5 5 5 5 9 8 7 6", "tel:+1-415-555-9876",
			"+1 (415) 555 9876", "call4155559876now", "[415][555][9876]",
		},
		number("442079460958").kind:     {"+44 20 7946 0958", "0044 20 7946 0958", "+44 (0)20 7946 0958", "011 44 20 7946 0958", "442079460958"},
		number("2079460958").kind:       {"020 7946 0958", "02079460958"},
		number("5500005555555559").kind: {"5500 0055 5555 5559", "5500-0055-5555-5559", "5500005555555559", "5500.0055.5555.5559"},
		number("536228146").kind:        {"536-22-8146", "536228146", "536 22 8146", "000536228146"},
		sketch.Mail: {"jane.okafor@example.com", "Jane.Okafor@Example.COM", "<jane.okafor@example.com>", "mailto:jane.okafor@example.com",
			"jane.okafor@example.com.", "'jane.okafor@example.com'", "mail=jane.okafor@example.com", "JANE.OKAFOR＠EXAMPLE.COM"},
		sketch.Word: {"CUST-1772300", "cust-1772300", "cust1772300", "CUST_1772300", "#CUST-1772300", "id=CUST-1772300;", "(cust/1772300)",
			"7B3B5A2E-6C1D-4A57-9D0B-00000000BEEF", "7b3b5a2e6c1d4a579d0b00000000beef", "{7b3b5a2e-6c1d-4a57-9d0b-00000000beef}"},
		sketch.Name: {"Jane Okafor", "JANE OKAFOR", "Okafor, Jane", "Jane Q. Okafor", "Jane  Okafor", "José García", "Jose Garcia", "JOSÉ GARCÍA", "Jane\u00a0Okafor"},
	} {
		for _, form := range forms {
			for _, text := range []string{form, "Caller says " + form + " is right", "x, " + form + ", 77"} {
				if hits := hitsOf(t, text); hits[kind] == 0 {
					t.Errorf("%s: not found in %q", kind, text)
				}
			}
		}
	}
	for _, whole := range []string{"jane okafor", "okafor jane", "josé garcía", "cust 1772300"} {
		if hits := hitsOf(t, whole); hits == [sketch.Kinds]int64{} {
			t.Errorf("%q is not found as a whole cell", whole)
		}
	}
	for _, other := range []string{
		"", "4155559877", "415 555 987", "ticket 1767637789331", "2026-11-22T03:37:28.451Z", "+999223020136453", "qjvwwd3sbrpnrdfodx6jb3kryk@masked.invalid",
		"Jane Doe", "Jane called. Okafor did not", "please jane okafor says so today", "CUST-1772301", "User_abcdefghijklmnopqrstuvwxyz", "************1111",
		"41555:59876", "20 7946 095", "joan.okafor@example.org", "7b3b5a2e-6c1d-4a57-9d0b-000000000000",
	} {
		if hits := hitsOf(t, other); hits != [sketch.Kinds]int64{} {
			t.Errorf("%q: found %v", other, hits)
		}
	}
}

// TestASurvivorIsCaughtWhereverItIs puts a raw value into every column and place, and wants the object refused.
func TestASurvivorIsCaughtWhereverItIs(t *testing.T) {
	t.Parallel()
	values := []string{"(415) 555-9876", "JANE.OKAFOR@EXAMPLE.COM", "cust-1772300", "Okafor, JANE", "536 22 8146", "5500-0055-5555-5559"}
	columns := []string{"phone", "email", "name", "card", "ssn", "notes"}
	for _, column := range columns {
		for i, value := range values {
			t.Run(fmt.Sprint(column, " ", i), func(t *testing.T) {
				t.Parallel()
				w := setup(t)
				o := w.good()
				o.rows[1][o.at(column)] = value
				in := w.put(o)
				_, report := w.refused(in)
				got := report.outcome(survivorsRule)
				if got.Result != Failed || got.Findings[0].Class != ClassSurvivor || got.Findings[0].Field != column || got.Findings[0].Count < 1 {
					t.Errorf("the rule says %+v", got)
				}
				w.silent(in, "555-9876", "5559876", "okafor", "OKAFOR", "1772300", "22 8146", "5362281", "5555-5559") // longer than what a digest holds by chance
				if left := w.sketches(); len(left) > 0 {
					t.Errorf("%d sketches are left", len(left))
				}
			})
		}
	}
	places := map[string]func(*object){
		"an integer": func(o *object) { o.rows[0][o.at("durationMs")] = int64(4155559876) },
		"a list": func(o *object) {
			o.add(arrow.Field{Name: "list", Type: arrow.ListOf(text), Nullable: true}, "keep", "41 5555 9876")
		},
		"an object": func(o *object) {
			o.add(arrow.Field{Name: "box", Type: arrow.StructOf(arrow.Field{Name: "x", Type: text, Nullable: true}), Nullable: true}, "keep", "CUST-1772300")
		},
		"bytes": func(o *object) {
			o.add(arrow.Field{Name: "raw", Type: arrow.BinaryTypes.Binary, Nullable: true}, "keep", "CUST-1772300")
		},
		"a name of a column": func(o *object) { o.add(arrow.Field{Name: "cust-1772300", Type: text, Nullable: true}, "keep", "x") },
		"a floating number": func(o *object) {
			o.add(arrow.Field{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, "keep", 4155559876.0)
		},
		"the object's metadata": func(o *object) { o.meta = map[string]string{"origin": "CUST-1772300"} },
		"the key":               func(o *object) { o.rows[0][0] = "CUST-1772300" },
	}
	for name, spoil := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			spoil(o)
			_, report := w.refused(w.put(o))
			rule := report.outcome(survivorsRule)
			if meta := report.outcome("metadata"); strings.Contains(name, "name") || strings.Contains(name, "metadata") {
				rule = meta
			}
			if !slices.ContainsFunc(rule.Findings, func(f Finding) bool { return f.Class == ClassSurvivor }) {
				t.Errorf("the rule says %+v", rule)
			}
		})
	}
}

// TestSketchIsRefused wants an object without a sketch that counts refused, with the reason.
func TestSketchIsRefused(t *testing.T) {
	t.Parallel()
	// resign puts the statement in place again, with another sketch.
	tests := map[string]struct {
		spoil func(w *world, o *object)
		want  string
	}{
		"none":    {func(_ *world, o *object) { o.masked.Sketch = nil }, "names no sketch"},
		"missing": {func(w *world, o *object) { w.remove(masked, o.masked.Sketch.Key) }, "is not in the bucket"},
		"of another object": {func(_ *world, o *object) {
			o.masked.Sketch.Key = "_sketch/" + env + "/" + env + "/interaction/acme/0012.parquet.00"
		},
			"the sketch of another object"},
		"outside the prefix": {func(_ *world, o *object) { o.masked.Sketch.Key = o.ref.Object.Key }, "the sketch of another object"},
		"one bit flipped": {func(w *world, o *object) {
			b := w.read(masked, o.masked.Sketch.Key)
			b[len(b)-20] ^= 1
			w.overwrite(masked, o.masked.Sketch.Key, b)
		}, "its bytes were changed"},
		"no sketch's bytes": {func(w *world, o *object) {
			b := []byte("rubbish")
			w.overwrite(masked, o.masked.Sketch.Key, b)
			o.masked.Sketch.SHA256 = digest(b)
		}, "cannot be read"},
		"sealed to another": {func(w *world, o *object) {
			b := w.encodedSketch(w.digestOf(o), o.raw, newOpener(w.t))
			w.overwrite(masked, o.masked.Sketch.Key, b)
			o.masked.Sketch.SHA256 = digest(b)
		}, "does not open"},
		"sealed for another object": {func(w *world, o *object) {
			b := w.encodedSketch(digest(nil), o.raw, w.opener)
			w.overwrite(masked, o.masked.Sketch.Key, b)
			o.masked.Sketch.SHA256 = digest(b)
		}, "does not open"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			in := w.put(o)
			tt.spoil(w, o)
			w.attest(o, in.Object.SHA256)
			_, report := w.refused(in)
			for _, r := range report.Rules {
				if (r.Result == Failed) != (r.Rule == survivorsRule) {
					t.Errorf("rule %s: %s %+v", r.Rule, r.Result, r.Findings)
				}
			}
			if got := report.outcome(survivorsRule); len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Detail, tt.want) {
				t.Errorf("the rule says %+v, want %q", got, tt.want)
			}
		})
	}
}

func (w *world) digestOf(o *object) string { return digest(w.read(masked, o.ref.Object.Key)) }

// TestSketchIsDeletedWithTheVerdict also deletes what a masker left that was killed, and nothing of other objects.
func TestSketchIsDeletedWithTheVerdict(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	w.overwrite(masked, sketchPrefix(env, in)+"00ff", []byte("of a masker that was killed"))
	other := "_sketch/" + env + "/" + in.Object.Key + "0.00ff"
	w.overwrite(masked, other, []byte("of another object"))
	first, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if left := w.sketches(); !slices.Equal(left, []string{other}) {
		t.Errorf("left are %q", left)
	}
	w.overwrite(masked, sketchPrefix(env, in)+"00ff", []byte("of a masker that was too late"))
	if _, err := w.validate(t.Context(), in); err != nil || len(w.sketches()) != 1 {
		t.Errorf("a second delivery leaves %q, error %v", w.sketches(), err)
	}
	// Other rules make a new verdict, for which the sketch is gone: that nothing survived is known of the bytes already.
	v := w.proven(first[0])
	for _, tt := range []struct {
		name   string
		change func(*attest.Validated)
		pass   bool
	}{
		{"passed then", func(*attest.Validated) {}, true},
		{"not judged then", func(v *attest.Validated) { v.Checks = v.Checks[:1] }, false},
	} {
		old := v
		old.Rules, old.Checks = "0", slices.Clone(v.Checks)
		tt.change(&old)
		raw, err := w.signer.SignValidated(in.Object.Key, in.Object.SHA256, old)
		if err != nil {
			t.Fatal(err)
		}
		w.remove(masked, in.Object.Key+VerdictSuffix)
		w.overwrite(masked, in.Object.Key+attest.VerdictInfix+"0"+attest.VerdictEnd, raw)
		_, err = w.validate(t.Context(), in)
		if _, rejected := stage.Rejected(err); rejected == tt.pass || tt.pass && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestDigitsOfUUIDs: the digits inside of a UUID are no number, a UUID as a whole is an id.
func TestDigitsOfUUIDs(t *testing.T) {
	t.Parallel()
	const uuid = "c0ffee00-4155-4055-8142-415555014200"
	for _, form := range []string{"41555501", "415555014200", "415540558142"} {
		w := setup(t)
		o := w.good()
		o.raw = append(o.raw, number(form))
		o.rows[0][0] = uuid
		o.count()
		if _, err := w.validate(t.Context(), w.put(o)); err != nil {
			t.Errorf("refused for the digits %s in a UUID: %v", form, err)
		}
		w = setup(t)
		o = w.good()
		o.raw = append(o.raw, number(form))
		o.rows[0][o.at("notes")] = form + " as in the call"
		if reason, _ := w.refused(w.put(o)); reason.Class != ClassSurvivor {
			t.Errorf("%s: %v: want a survivor", form, reason)
		}
	}
}

// TestChanceIsNoProof has short numbers in a kept column that are equal to raw ones by chance, and wants the object to pass,
// but not when the column is full of them, nor when several are in a column with few.
func TestChanceIsNoProof(t *testing.T) {
	t.Parallel()
	make := func(w *world) *object {
		o := w.good()
		r := rand.New(rand.NewPCG(1, 1))
		for range 2000 {
			o.raw = append(o.raw, number(fmt.Sprint(100_000+r.IntN(900_000))))
		}
		o.rows = nil
		for i := range 3000 {
			o.rows = append(o.rows, sample(i, "acme"))
			o.rows[i][o.at("durationMs")] = int64(100_000 + r.IntN(900_000))
		}
		o.count()
		return o
	}
	short := func(o *object, n int) string { return o.raw[len(o.raw)-n].form }
	w := setup(t)
	o := make(w)
	if _, err := w.validate(t.Context(), w.put(o)); err != nil {
		t.Errorf("refused for chance: %v", err)
	}
	w = setup(t)
	o = make(w)
	o.rows[7][o.at("notes")] = "account " + short(o, 1)
	o.rows[8][o.at("notes")] = "account " + short(o, 1)
	if _, err := w.validate(t.Context(), w.put(o)); err != nil {
		t.Errorf("refused for one short number, which chance puts into a note of one object in 500: %v", err)
	}
	w = setup(t)
	o = make(w)
	for i := range 3 {
		o.rows[7+i][o.at("notes")] = "account " + short(o, 1+i)
	}
	if reason, _ := w.refused(w.put(o)); reason.Class != ClassSurvivor || reason.Field != "notes" {
		t.Errorf("short numbers in notes: %v", reason)
	}
	w = setup(t)
	o = make(w)
	for i := range o.rows {
		var n int64
		fmt.Sscan(o.raw[len(o.raw)-1-i%2000].form, &n)
		o.rows[i][o.at("durationMs")] = n
	}
	if reason, _ := w.refused(w.put(o)); reason.Class != ClassSurvivor || reason.Field != "durationMs" || reason.Count < 2900 {
		t.Errorf("a column of raw numbers: %v", reason)
	}
}

// TestProof: one hit where chance makes none, and more the more chance makes.
func TestProof(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		likely likely
		want   bool
	}{
		{"no hit", likely{strict: true}, false},
		{"one where there is none by chance", likely{hits: 1, distinct: 1, strict: true}, true},
		{"one in a thousand objects", likely{hits: 1, distinct: 1, chance: 1e-3}, false},
		{"two in a thousand objects", likely{hits: 2, distinct: 2, chance: 1e-3}, true},
		{"one value in many rows", likely{hits: 500, distinct: 1, chance: 1e-3}, false},
		{"two in a hundred objects", likely{hits: 2, distinct: 2, chance: 1e-2}, false},
		{"three in a hundred objects", likely{hits: 3, distinct: 3, chance: 1e-2}, true},
		{"eight where a half is expected", likely{hits: 8, distinct: 8, chance: 0.5}, true},
		{"more than are told apart", likely{hits: 500, distinct: maxDistinct, chance: 0.99}, true},
		{"as many as are told apart of more", likely{hits: maxDistinct, distinct: maxDistinct, chance: 1}, false},
		{"ten times as many", likely{hits: 1011, distinct: maxDistinct, chance: 100}, true},
		{"no more than that", likely{hits: 1010, distinct: maxDistinct, chance: 100}, false},
	} {
		if got := tt.likely.proof(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// FuzzCandidates wants no panic, and a raw value found in whatever text it stands in alone on a line.
func FuzzCandidates(f *testing.F) {
	f.Add("call 415-555", " on 2026-01-02")
	f.Add("\xff\xfe٤", "O'Brien-Smith Q.")
	w := wantedOf(f, "US", rawSample)
	f.Fuzz(func(t *testing.T, before, behind string) {
		c := newCandidates(w)
		c.text([]byte(before + behind))
		c.settle()
		before2 := c.hits
		c = newCandidates(w)
		c.text([]byte(before + "\n4155559876 cust-1772300 \n" + behind))
		c.settle()
		if c.hits[number("14155559876").kind] == before2[number("14155559876").kind] || c.hits[sketch.Word] == before2[sketch.Word] {
			t.Errorf("not found between %q and %q", before, behind)
		}
	})
}

func BenchmarkCandidates(b *testing.B) {
	raw := slices.Clone(rawSample)
	for i := range 100_000 {
		raw = append(raw, number(fmt.Sprint(14_150_000_000+i)), rawValue{sketch.Mail, fmt.Sprintf("jane.%d@example.com", i)})
	}
	for name, text := range map[string]string{
		"token": "User_pmnhjh3lsl22o2vob5rqbfp62n", "phone": "+999223020136453", "uuid": "7b3b5a2e-6c1d-4a57-9d0b-0123456789ab",
		"mail": "qjvwwd3sbrpnrdfodx6jb3kryk@masked.invalid", "note": "Wants to cancel the premium option. [NAME] left the number [PHONE] for Fontaine. Ticket opened at 1767637789331.",
	} {
		b.Run(name, func(b *testing.B) {
			c := newCandidates(wantedOf(b, "US", raw))
			for b.Loop() {
				c.text([]byte(text))
			}
			c.settle()
			n := int64(0)
			for _, k := range c.tried {
				n += k
			}
			b.ReportMetric(float64(n)/float64(b.N), "candidates")
		})
	}
}
