package masker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/sketch"
)

// killed is a store that stores nothing more once a key that ends like this is to be put, as if the process had ended there.
type killed struct {
	blob.Store
	suffix string
}

func (k killed) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if strings.HasSuffix(loc.Key, k.suffix) && !strings.HasPrefix(loc.Key, "_") {
		return blob.Object{}, errNetwork
	}
	return k.Store.Put(ctx, loc, body, size, o)
}

// sketches are the keys of sketches in the masked bucket.
func (b *bench) sketches() (keys []string) {
	b.t.Helper()
	for o, err := range b.store.List(context.Background(), "maskrail-masked", "_sketch/") {
		if err != nil {
			b.t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// attested is what the attestation of a reference says.
func (b *bench) attested(ref objref.Ref) attest.Masked {
	b.t.Helper()
	trust, err := attest.NewTrust(attest.Entry{Role: attest.Masker, Key: b.signer.PublicPEM(), Environments: []string{attest.Everywhere}})
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := trust.VerifyMasked(b.read(ref.Attestations[0]), ref.Object.SHA256)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// TestSketchIsSealedForTheObject opens what the masker stored as the validator does.
func TestSketchIsSealedForTheObject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out, err := b.service(b.store).Mask(t.Context(), b.drop("interaction/x.csv", asCSV(peopleRows(40))))
	if err != nil {
		t.Fatal(err)
	}
	m := b.attested(out[0])
	raw := b.read(m.Sketch.Key)
	set, err := sketch.Read(bytes.NewReader(raw), int64(len(raw)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.opener.Open(set.Sealed(), out[0].Object.SHA256); err != nil {
		t.Error(err)
	}
	if _, err := newOpener(t).Open(set.Sealed(), out[0].Object.SHA256); !errors.Is(err, sketch.ErrSealed) {
		t.Errorf("another validator: %v", err)
	}
	if _, err := b.opener.Open(set.Sealed(), m.Source.SHA256); !errors.Is(err, sketch.ErrSealed) {
		t.Errorf("another object: %v", err)
	}
	if len(m.Domains) == 0 || !strings.HasPrefix(m.Sketch.Key, "_sketch/sandbox/"+out[0].Object.Key+"."+m.Sketch.SHA256[:16]) {
		t.Errorf("the statement names %d domains and the sketch %s", len(m.Domains), m.Sketch.Key)
	}
}

// TestKilledBetweenTheSketchAndItsStatement leaves a sketch that nobody names, beside the one that counts.
func TestKilledBetweenTheSketchAndItsStatement(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.drop("interaction/x.csv", asCSV(peopleRows(10)))
	if _, err := b.service(killed{b.store, attest.MaskedSuffix}).Mask(t.Context(), in); !errors.Is(err, errNetwork) {
		t.Fatalf("got %v, want the kill", err)
	}
	if n := len(b.sketches()); n != 1 {
		t.Fatalf("%d sketches before there is a statement, want 1", n)
	}
	out, err := b.service(b.store).Mask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	prefix := "_sketch/sandbox/" + out[0].Object.Key + "."
	keys := b.sketches()
	for _, key := range keys {
		if !strings.HasPrefix(key, prefix) {
			t.Errorf("%s is not where a validator deletes it", key)
		}
	}
	if named := b.attested(out[0]).Sketch.Key; len(keys) != 2 || named != keys[0] && named != keys[1] {
		t.Errorf("%s is named, there are %q", named, keys)
	}
}

// TestStatementOfAParkedObject replaces a statement that was left behind when its object was parked and its sketch deleted.
// One whose object has a verdict stays.
func TestStatementOfAParkedObject(t *testing.T) {
	t.Parallel()
	for name, verdict := range map[string]bool{"no verdict": false, "with a verdict": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.drop("interaction/x.csv", asCSV(peopleRows(10)))
			first, err := b.service(b.store).Mask(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			before := b.attested(first[0]).Sketch.Key
			for _, key := range []string{first[0].Object.Key, before} {
				if err := b.store.Delete(t.Context(), blob.Location{Bucket: "maskrail-masked", Key: key}); err != nil {
					t.Fatal(err)
				}
			}
			if verdict {
				loc := blob.Location{Bucket: "maskrail-masked", Key: first[0].Object.Key + attest.VerdictInfix + "1" + attest.VerdictEnd}
				if _, err := b.store.Put(t.Context(), loc, strings.NewReader("{}"), 2, blob.PutOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			again, err := b.service(b.store).Mask(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if now := b.attested(again[0]).Sketch.Key; (now == before) != verdict {
				t.Errorf("the statement names %s, and before %s", now, before)
			}
		})
	}
}
