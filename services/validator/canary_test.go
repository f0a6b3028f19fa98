package validator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
)

// at is an object of its own beside others.
func (w *world) goodAt(key string) *object {
	o := w.good()
	o.ref.Object.Key = env + "/interaction/acme/" + key + ".parquet"
	o.ref.Attestations = []string{o.ref.Object.Key + ".masked.dsse.json"}
	return o
}

// TestCanarySurvives: a value that survives stops the environment, for every object, until the canary is another.
func TestCanarySurvives(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*object){
		"a name that no detector knows": func(o *object) { o.rows[3][o.at("notes")] = "asked for Ms Belvedere" },
		"base64 in a note":              func(o *object) { o.rows[3][o.at("notes")] = "see NDUzOSAxNDg4IDAzNDMgNjQ2Nw==" },
		"an untreated column":           func(o *object) { o.rows[3][o.at("name")] = "Quintana Belvedere" },
		"a number in a kept column":     func(o *object) { o.rows[3][o.at("id")] = "x6285550177x" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			p, _ := w.policies.For("interaction")
			bad := &object{fields: fields()}
			for i := range canary.Count() {
				bad.rows = append(bad.rows, sample(i, "acme"))
			}
			spoil(bad)
			first, healthy := w.goodAt("0001"), w.put(w.goodAt("0002"))
			first.masked.Canary = w.canaryOf(p, bad, "bad")
			in := w.put(first)
			for range 2 {
				_, err := w.validate(t.Context(), in)
				if d, ok := stage.Delay(err); !ok || d != canaryWait {
					t.Fatalf("want a wait, got %v", err)
				}
			}
			if err := w.Checks()[0].Run(t.Context()); err == nil {
				t.Error("a validator that takes nothing is ready")
			}
			if !w.has(masked, in.Object.Key) || w.has(masked, verdictKey(in)) {
				t.Error("the object was moved or passed")
			}
			if _, err := w.validate(t.Context(), healthy); err != nil { // a masker that was mended
				t.Fatal(err)
			}
			if err := w.Checks()[0].Run(t.Context()); err != nil {
				t.Errorf("the environment is still stopped: %v", err)
			}
		})
	}
}

// survived is a canary with a value that is still there, and its policy.
func (w *world) survived() (*policy.Policy, *object) {
	p, _ := w.policies.For("interaction")
	bad := &object{fields: fields()}
	for i := range canary.Count() {
		bad.rows = append(bad.rows, sample(i, "acme"))
	}
	bad.rows[3][bad.at("notes")] = "asked for Ms Belvedere"
	return p, bad
}

// TestStoppedStays: an environment stays stopped however many other canaries are judged, until one of the same entity is
// clean.
func TestStoppedStays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, bad := w.survived()
	first := w.goodAt("0001")
	first.masked.Canary = w.canaryOf(p, bad, "bad")
	if _, err := w.validate(t.Context(), w.put(first)); err == nil {
		t.Fatal("want a wait")
	}
	for i := range maxCanaries + 1 { // each proves nothing
		o := w.goodAt(fmt.Sprintf("1%03d", i))
		o.masked.Canary = &attest.Beside{Key: fmt.Sprintf("_canary/other/%d", i), SHA256: digest(nil)}
		if _, err := w.validate(t.Context(), w.put(o)); err == nil {
			t.Fatal("an object passed in an environment that is stopped")
		} else if _, ok := stage.Delay(err); !ok {
			t.Fatalf("canary %d: the environment goes on: %v", i, err)
		}
	}
}

// TestSurvivorBeforeDoubt: a survivor in the first part counts, whatever is wrong with the second.
func TestSurvivorBeforeDoubt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, bad := w.survived()
	o := w.goodAt("0001")
	o.masked.Canary = w.canaryOf(p, bad, "bad")
	w.remove(masked, canary.Prefix+env+"/interaction/bad.batches.parquet")
	if _, err := w.validate(t.Context(), w.put(o)); err == nil {
		t.Fatal("want a wait")
	} else if _, ok := stage.Delay(err); !ok {
		t.Errorf("the environment is not stopped: %v", err)
	}
}

// TestCanaryProvesNothing: an object whose canary is none is refused.
func TestCanaryProvesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*world, *object)
		says  string
	}{
		"none":        {func(_ *world, o *object) { o.masked.Canary = nil }, "attests no canary"},
		"gone":        {func(w *world, o *object) { w.remove(masked, o.masked.Canary.Key) }, "not in the bucket"},
		"a part gone": {func(w *world, _ *object) { w.remove(masked, canary.Prefix+env+"/interaction/0011.pages.parquet") }, "not in the bucket"},
		"overwritten": {func(w *world, o *object) { w.overwrite(masked, o.masked.Canary.Key, []byte("{}")) }, "other bytes"},
		"a part of other bytes": {func(w *world, _ *object) {
			w.overwrite(masked, canary.Prefix+env+"/interaction/0011.pages.parquet", []byte("x"))
		}, "other bytes"},
		"elsewhere":            {func(_ *world, o *object) { o.masked.Canary.Key = "_canary/other/interaction/0011.masked.dsse.json" }, "does not lie where"},
		"of another key epoch": {func(_ *world, o *object) { o.masked.KeyEpoch, o.ref.KeyEpoch = 2, 2 }, "masked otherwise"},
		"of another program":   {func(_ *world, o *object) { o.masked.Code = "test 2" }, "masked otherwise"},
		"of another writer":    {func(_ *world, o *object) { o.masked.Writer = "test/2" }, "masked otherwise"},
		"too short": {func(w *world, o *object) {
			p, _ := w.policies.For("interaction")
			o.masked.Canary = w.canaryOf(p, &object{fields: fields(), rows: [][]any{sample(0, "acme")}}, "short")
		}, "1 records"},
		"signed by nobody that is trusted": {func(w *world, o *object) {
			p, _ := w.policies.For("interaction")
			trusted := w.masker
			w.masker = newSigner(w.t)
			o.masked.Canary = w.canary(p)
			w.masker = trusted
		}, "untrusted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			tt.spoil(w, o)
			_, report := w.refused(w.put(o))
			f, ok := report.finding(ClassCanary)
			if !ok || !strings.Contains(f.Detail, tt.says) {
				t.Errorf("the report says %+v, want %q", f, tt.says)
			}
		})
	}
}

// TestCanaryIsJudgedOnce: the second object of a masker does not need the canary's files any more.
func TestCanaryIsJudgedOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first, second := w.goodAt("0001"), w.goodAt("0002")
	var refs []objref.Ref
	for _, o := range []*object{first, second} {
		refs = append(refs, w.put(o))
	}
	for _, in := range refs {
		out, err := w.validate(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		w.proven(out[0])
		for _, suffix := range []string{".pages.parquet", ".batches.parquet"} {
			if key := canary.Prefix + env + "/interaction/0011" + suffix; w.has(masked, key) {
				w.remove(masked, key)
			}
		}
	}
}
