package bus_test

import (
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/bus"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, subject string
		want             bool
	}{
		"the same":                           {"maskrail.raw.call.acme", "maskrail.raw.call.acme", true},
		"another token":                      {"maskrail.raw.call.acme", "maskrail.raw.call.globex", false},
		"a shorter subject":                  {"maskrail.raw.call", "maskrail.raw", false},
		"a longer subject":                   {"maskrail.raw", "maskrail.raw.call", false},
		"star is one token":                  {"maskrail.*.call.*", "maskrail.raw.call.acme", true},
		"star is not two tokens":             {"maskrail.*", "maskrail.raw.call", false},
		"star is not none":                   {"maskrail.*", "maskrail", false},
		"star is not an empty token":         {"maskrail.*.call", "maskrail..call", false},
		"arrow is one token":                 {"maskrail.>", "maskrail.raw", true},
		"arrow is many tokens":               {"maskrail.>", "maskrail.raw.call.acme", true},
		"arrow is not none":                  {"maskrail.>", "maskrail", false},
		"arrow alone is all":                 {">", "maskrail.raw", true},
		"star within a token is just a sign": {"maskrail.r*", "maskrail.raw", false},
		"both":                               {"maskrail.*.sandbox.>", "maskrail.masked.sandbox.call.acme", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := bus.Match(tt.pattern, tt.subject); got != tt.want {
				t.Errorf("Match(%q, %q) is %v, want %v", tt.pattern, tt.subject, got, tt.want)
			}
		})
	}
}

func TestMatchAny(t *testing.T) {
	t.Parallel()
	if !bus.MatchAny(nil, "a.b") {
		t.Error("no filters must cover everything")
	}
	if !bus.MatchAny([]string{"x.>", "a.*"}, "a.b") {
		t.Error("the second filter covers it")
	}
	if bus.MatchAny([]string{"x.>"}, "a.b") {
		t.Error("no filter covers it")
	}
}

func TestStreamsAreDisjoint(t *testing.T) {
	t.Parallel()
	samples := map[string]string{
		"maskrail.s3.maskrail-raw":                           bus.S3Events,
		"maskrail.raw.interaction._":                         bus.Raw,
		"maskrail.masked.sandbox.interaction.acme":           bus.Masked,
		"maskrail.validated.sandbox.interaction.acme":        bus.Validated,
		"maskrail.loaded.sandbox.interaction.acme":           bus.Loaded,
		"maskrail.rejected.sandbox.interaction.acme":         bus.Rejected,
		"maskrail.dead.masker.sandbox":                       bus.Dead,
		"maskrail.replay.sandbox.raw.interaction.acme":       bus.Replay,
		"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.RAW.abc": bus.Dead,
	}
	for subject, want := range samples {
		var got []string
		for _, s := range bus.Streams(bus.Horizon) {
			if bus.MatchAny(s.Subjects, subject) {
				got = append(got, s.Name)
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s is stored in %v, want %s alone", subject, got, want)
		}
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"sandbox.k4v2", "a", "a/b=c_d-E.9"} {
		if err := bus.CheckKey(key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, key := range []string{"", ".a", "a.", "a b", "a*", "a>", "ä", "+4915112345678"} {
		err := bus.CheckKey(key)
		if err == nil {
			t.Errorf("%q passes", key)
		} else if len(key) > 2 && strings.Contains(err.Error(), key) {
			t.Errorf("the error holds the key: %v", err)
		}
	}
}
