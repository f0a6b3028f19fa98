package objref_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

var update = flag.Bool("update", false, "write the golden files")

// secret stands where data could: in the key of a raw object.
const secret = "interaction/+4915112345678/calls.csv"

func rawRef() objref.Ref {
	return objref.Ref{
		Entity: "interaction", Run: "drop-k4v2", Tenant: objref.Several,
		Object: objref.Object{Bucket: "maskrail-raw", Key: secret, Version: "etag:9b2c", ETag: "9b2c", Bytes: 1234},
	}
}

func maskedRef() objref.Ref {
	raw := rawRef().Object
	raw.SHA256 = strings.Repeat("ab", 32)
	return objref.Ref{
		Entity: "interaction", Environment: "sandbox-01", Run: "drop-k4v2", Tenant: "acme",
		Object: objref.Object{
			Bucket: "maskrail-masked", Key: "sandbox-01/interaction/acme/0a1b.parquet", Version: "v7", ETag: "77aa",
			SHA256: strings.Repeat("cd", 32), Bytes: 999, Format: "parquet",
		},
		Rows: 120000, Source: &raw, Policy: "sha256:" + strings.Repeat("ef", 32), KeyEpoch: 3,
		Attestations: []string{"sandbox-01/interaction/acme/0a1b.masker.dsse.json"},
		Window:       &objref.Window{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)},
	}
}

func with(r objref.Ref, change func(*objref.Ref)) objref.Ref {
	change(&r)
	return r
}

func ended(r objref.Ref, o objref.Outcome) objref.Ref {
	r.Outcome = &o
	return r
}

// refs are one reference of each stage.
func refs() map[objref.Stage]objref.Ref {
	return map[objref.Stage]objref.Ref{
		objref.AtRaw:       rawRef(),
		objref.AtMasked:    maskedRef(),
		objref.AtValidated: maskedRef(),
		objref.AtLoaded:    ended(maskedRef(), objref.Outcome{State: objref.Loaded, Loaded: 119990, Skipped: 10}),
		objref.AtRejected: ended(with(rawRef(), func(r *objref.Ref) { r.Environment = "sandbox-01" }), objref.Outcome{
			State:  objref.Rejected,
			Reason: &objref.Reason{Service: "masker", Class: "unknown-field", Field: "nickName", Detail: "add it to the policy", Count: 17},
		}),
		objref.AtDead: ended(maskedRef(), objref.Outcome{
			State: objref.Dead, Reason: &objref.Reason{Service: "loader", Class: "permanent", Detail: "object not found"},
		}),
	}
}

// TestGolden fixes the message of each stage, byte by byte: others read it.
func TestGolden(t *testing.T) {
	t.Parallel()
	for stage, ref := range refs() {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			m, err := objref.Encode(ref, stage, ref.Subject(stage), "/test")
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(struct {
				Subject string
				ID      string
				Header  map[string]string
				Data    json.RawMessage
			}{m.Subject, m.ID, m.Header, m.Data}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", string(stage)+".golden.json")
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v (write it with -update)", err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("message is\n%s\nwant\n%s", got, want)
			}
			back, s, err := objref.Decode(m)
			if err != nil || s != stage || !reflect.DeepEqual(back, ref) {
				t.Errorf("decoded as %s with %v, want what was encoded", s, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	header := func(typ string) map[string]string { return map[string]string{"ce-type": typ} }
	body := func(s objref.Stage, change func(*objref.Ref)) bus.Message {
		data, err := json.Marshal(with(refs()[s], change))
		if err != nil {
			t.Fatal(err)
		}
		return bus.Message{Header: header("io.maskrail.object." + string(s) + ".v1"), Data: data}
	}
	good, err := json.Marshal(rawRef())
	if err != nil {
		t.Fatal(err)
	}
	raw := "io.maskrail.object.raw.v1"
	tests := map[string]struct {
		message bus.Message
		want    string
	}{
		"no type":              {bus.Message{Data: good}, "ce-type is not one of ours"},
		"a foreign type":       {bus.Message{Header: header("com.example.object.raw.v1"), Data: good}, "ce-type is not one of ours"},
		"a later version":      {bus.Message{Header: header("io.maskrail.object.raw.v2"), Data: good}, "another version"},
		"an unknown stage":     {bus.Message{Header: header("io.maskrail.object.cooked.v1"), Data: good}, "names no stage"},
		"header in upper case": {bus.Message{Header: map[string]string{"Ce-Type": raw}, Data: good}, "ce-type is not one of ours"},
		"no body":              {bus.Message{Header: header(raw)}, "not the JSON"},
		"null":                 {bus.Message{Header: header(raw), Data: []byte("null")}, "object.bucket is missing"},
		"not an object":        {bus.Message{Header: header(raw), Data: []byte(`["` + secret + `"]`)}, "not the JSON"},
		"a wrong type":         {bus.Message{Header: header(raw), Data: []byte(`{"entity":{"` + secret + `":1}}`)}, "not the JSON"},
		"two values":           {bus.Message{Header: header(raw), Data: append(slices.Clone(good), good...)}, "not the JSON"},
		"a bracket behind":     {bus.Message{Header: header(raw), Data: append(slices.Clone(good), '}')}, "not the JSON"},
		"no bucket":            {body(objref.AtRaw, func(r *objref.Ref) { r.Object.Bucket = "" }), "object.bucket is missing"},
		"no key":               {body(objref.AtRaw, func(r *objref.Ref) { r.Object.Key = "" }), "object.key is missing"},
		"no version":           {body(objref.AtRaw, func(r *objref.Ref) { r.Object.Version = "" }), "object.version is missing"},
		"no entity":            {body(objref.AtRaw, func(r *objref.Ref) { r.Entity = "" }), "entity is missing"},
		"no run":               {body(objref.AtRaw, func(r *objref.Ref) { r.Run = "" }), "run is missing"},
		"negative rows":        {body(objref.AtRaw, func(r *objref.Ref) { r.Rows = -1 }), "negative"},
		"masked nowhere":       {body(objref.AtMasked, func(r *objref.Ref) { r.Environment = "" }), "environment is missing"},
		"masked from nothing":  {body(objref.AtValidated, func(r *objref.Ref) { r.Source = nil }), "source is missing"},
		"masked by no policy":  {body(objref.AtMasked, func(r *objref.Ref) { r.Policy = "" }), "policy is missing"},
		"loaded no digest":     {body(objref.AtLoaded, func(r *objref.Ref) { r.Object.SHA256 = "" }), "object.sha256 is missing"},
		"loaded no outcome":    {body(objref.AtLoaded, func(r *objref.Ref) { r.Outcome = nil }), "outcome is missing"},
		"rejected as loaded":   {body(objref.AtRejected, func(r *objref.Ref) { r.Outcome = &objref.Outcome{State: objref.Loaded} }), "does not belong"},
		"dead for no reason":   {body(objref.AtDead, func(r *objref.Ref) { r.Outcome = &objref.Outcome{State: objref.Dead} }), "outcome.reason is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := objref.Decode(tt.message)
			if !errors.Is(err, objref.ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is %v, want ErrMalformed with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "49151123") {
				t.Errorf("the error holds a part of the message: %v", err)
			}
		})
	}
}

func TestDecodeIgnoresWhatIsNew(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(rawRef())
	if err != nil {
		t.Fatal(err)
	}
	data = append([]byte(`{"later":{"a":[1]},`), data[1:]...)
	got, _, err := objref.Decode(bus.Message{Header: map[string]string{"ce-type": "io.maskrail.object.raw.v1"}, Data: data})
	if err != nil || !reflect.DeepEqual(got, rawRef()) {
		t.Errorf("decoded with %v, want the fields it knows", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	if _, err := objref.Encode(rawRef(), objref.AtMasked, "s", "/test"); !errors.Is(err, objref.ErrMalformed) {
		t.Errorf("error is %v, want ErrMalformed", err)
	}
	if _, err := objref.Encode(rawRef(), "cooked", "s", "/test"); !errors.Is(err, objref.ErrMalformed) {
		t.Errorf("error is %v, want ErrMalformed", err)
	}
}

func TestNothingPrintsAKey(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	text := slog.New(slog.NewTextHandler(&logged, nil))
	r := maskedRef()
	for _, l := range []*slog.Logger{log, text} {
		l.Info("x", "ref", r, "refp", &r, "object", r.Object, "source", r.Source, "group", slog.GroupValue(slog.Any("o", *r.Source)))
	}
	raw := rawRef()
	printed := logged.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		printed += fmt.Sprintf(verb+verb+verb+verb, raw, raw.Object, &raw.Object, r)
	}
	if strings.Contains(printed, "49151123") {
		t.Errorf("a key was printed: %s", printed)
	}
	if !strings.Contains(printed, raw.Object.ShortID()) {
		t.Errorf("the short id was not printed: %s", printed)
	}
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	o := objref.Object{Bucket: "b", Key: "k", Version: "v"}
	if got := o.ShortID(); len(got) != 12 || strings.Trim(got, "0123456789abcdef") != "" {
		t.Errorf("short id is %q, want 12 hex digits", got)
	}
	if got := o.Identity(); len(got) != 26 || objref.Token(got) != got || bus.CheckKey(got) != nil {
		t.Errorf("identity is %q, want 26 characters that suit a subject and a key", got)
	}
	seen := map[string]string{}
	for name, other := range map[string]objref.Object{
		"itself": o, "another bucket": {Bucket: "c", Key: "k", Version: "v"}, "another key": {Bucket: "b", Key: "l", Version: "v"},
		"another version": {Bucket: "b", Key: "k", Version: "w"}, "shifted": {Bucket: "bk", Key: "", Version: "v"},
		"shifted the other way": {Bucket: "b", Key: "kv", Version: ""},
	} {
		if before, there := seen[other.Identity()]; there {
			t.Errorf("%s and %s have one identity", name, before)
		}
		seen[other.Identity()] = name
	}
	same := o
	same.ETag, same.SHA256, same.Bytes, same.Format = "e", "s", 1, "csv"
	if same.Identity() != o.Identity() || objref.DropRun(same) != objref.DropRun(o) {
		t.Error("what is not bucket, key or version changes the identity")
	}
	if got := objref.From(blob.Object{Location: o.Location(), ETag: "e", Bytes: 7}); got.Identity() != o.Identity() || got.Bytes != 7 {
		t.Errorf("From gives %+v", got)
	}
	if got := maskedRef().Origin().Identity(); got != rawRef().Object.Identity() {
		t.Error("the origin of a masked object is its raw object")
	}
	if got := rawRef().Origin().Identity(); got != rawRef().Object.Identity() {
		t.Error("the origin of a raw object is itself")
	}
}

func TestMessageID(t *testing.T) {
	t.Parallel()
	base := maskedRef()
	same := with(base, func(r *objref.Ref) {
		r.Rows, r.Tenant, r.Attestations, r.Outcome = 1, "other", nil, &objref.Outcome{}
		r.Object.ETag, r.Object.Bytes = "x", 1
	})
	if same.MessageID(objref.AtMasked) != base.MessageID(objref.AtMasked) {
		t.Error("an id depends on more than object version, stage, environment, policy and run")
	}
	for name, other := range map[string]string{
		"stage":       base.MessageID(objref.AtValidated),
		"run":         with(base, func(r *objref.Ref) { r.Run = "replay-1" }).MessageID(objref.AtMasked),
		"environment": with(base, func(r *objref.Ref) { r.Environment = "sandbox-02" }).MessageID(objref.AtMasked),
		"policy":      with(base, func(r *objref.Ref) { r.Policy = "sha256:00" }).MessageID(objref.AtMasked),
		"version":     with(base, func(r *objref.Ref) { r.Object.Version = "v8" }).MessageID(objref.AtMasked),
	} {
		if other == base.MessageID(objref.AtMasked) {
			t.Errorf("another %s gives the same id", name)
		}
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]objref.Reason{
		"malformed":                     {Class: "malformed"},
		"unknown-field: nick: add it":   {Class: "unknown-field", Field: "nick", Detail: "add it"},
		"key: rows without a key: many": {Class: "key", Field: "rows without a key", Detail: "many", Count: 3, Service: "masker"},
	} {
		if got := r.String(); got != want {
			t.Errorf("reason is %q, want %q", got, want)
		}
	}
}
