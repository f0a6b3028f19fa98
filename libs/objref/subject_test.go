package objref_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	odd := with(maskedRef(), func(r *objref.Ref) { r.Environment, r.Entity, r.Tenant = "sand.box", "call*", "A & B" })
	tests := map[string]struct{ got, want string }{
		"raw, tenant not known": {rawRef().Subject(objref.AtRaw), "maskrail.raw.interaction._"},
		"raw, tenant empty":     {with(rawRef(), func(r *objref.Ref) { r.Tenant = "" }).Subject(objref.AtRaw), "maskrail.raw.interaction._"},
		"raw, tenant known":     {with(rawRef(), func(r *objref.Ref) { r.Tenant = "acme" }).Subject(objref.AtRaw), "maskrail.raw.interaction.acme"},
		"masked":                {maskedRef().Subject(objref.AtMasked), "maskrail.masked.sandbox-01.interaction.acme"},
		"validated":             {maskedRef().Subject(objref.AtValidated), "maskrail.validated.sandbox-01.interaction.acme"},
		"loaded":                {maskedRef().Subject(objref.AtLoaded), "maskrail.loaded.sandbox-01.interaction.acme"},
		"rejected nowhere":      {rawRef().Subject(objref.AtRejected), "maskrail.rejected._.interaction._"},
		"dead":                  {refs()[objref.AtDead].Subject(objref.AtDead), "maskrail.dead.loader.sandbox-01"},
		"dead, no reason":       {rawRef().Subject(objref.AtDead), "maskrail.dead._._"},
		"dead by service":       {objref.DeadSubject("masker", ""), "maskrail.dead.masker._"},
		"odd names":             {odd.Subject(objref.AtMasked), "maskrail.masked.sand=2Ebox.call=2A.A=20=26=20B"},
		"replay":                {rawRef().ReplaySubject("sandbox-02", objref.AtRaw), "maskrail.replay.sandbox-02.raw.interaction._"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.want {
				t.Errorf("subject is %s, want %s", tt.got, tt.want)
			}
		})
	}
}

func TestSubjectsHaveAStream(t *testing.T) {
	t.Parallel()
	for stage, want := range map[objref.Stage]string{
		objref.AtRaw: bus.Raw, objref.AtMasked: bus.Masked, objref.AtValidated: bus.Validated,
		objref.AtLoaded: bus.Loaded, objref.AtRejected: bus.Rejected, objref.AtDead: bus.Dead,
	} {
		for _, s := range bus.Streams(bus.Horizon) {
			if got := bus.MatchAny(s.Subjects, refs()[stage].Subject(stage)); got != (s.Name == want) {
				t.Errorf("stage %s in stream %s: %v", stage, s.Name, got)
			}
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, want string }{
		"plain":            {"sandbox-01_A", "sandbox-01_A"},
		"empty":            {"", "_"},
		"one underscore":   {"_", "=5F"},
		"two underscores":  {"__", "__"},
		"its own escape":   {"=5F", "=3D5F"},
		"wildcards":        {"a.*>", "a=2E=2A=3E"},
		"space and tab":    {" \t", "=20=09"},
		"letters by UTF-8": {"Zürich", "Z=C3=BCrich"},
		"not UTF-8":        {"\xff\x00", "=FF=00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := objref.Token(tt.name); got != tt.want {
				t.Errorf("token of %q is %s, want %s", tt.name, got, tt.want)
			}
			if name, ok := objref.ParseToken(tt.want); !ok || name != tt.name {
				t.Errorf("name of token %s is %q, %v", tt.want, name, ok)
			}
		})
	}
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "a b", "a.b", "=", "=5", "=5f", "=zz", "=41", "%41", "=5F=5F", "ü"} {
		if name, ok := objref.ParseToken(token); ok {
			t.Errorf("%q is taken for the token of %q", token, name)
		}
	}
}

// FuzzToken: a token is always one subject token, and no two names share one.
func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "_", "=5F", "a.b", "Zürich"} {
		f.Add(s, "acme")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		ta, tb := objref.Token(a), objref.Token(b)
		if strings.Trim(ta, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=") != "" || ta == "" {
			t.Errorf("token of %q is %q", a, ta)
		}
		if name, ok := objref.ParseToken(ta); !ok || name != a {
			t.Errorf("token %s of %q is read as %q, %v", ta, a, name, ok)
		}
		if name, ok := objref.ParseToken(a); ok && objref.Token(name) != a {
			t.Errorf("%q is read as a token, and is none", a)
		}
		if (a == b) != (ta == tb) {
			t.Errorf("%q and %q have tokens %s and %s", a, b, ta, tb)
		}
	})
}
