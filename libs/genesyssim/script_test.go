package genesyssim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

const script = `
faults:
  - {on: GET /api/v2/analytics/conversations/details/jobs/*/results, nth: 3, do: truncate}
  - {on: "*", chance: 0.02, do: too-many, after: none}
  - {on: POST /oauth/token, do: slow, delay: 5s}
drift:
  release: 2021-03
  upgrades: [{at: 2026-03-05T00:00:00Z, release: 2021-04}]
  changes: [{at: 2026-03-06, entity: interaction, path: customerSegment, do: add, like: phoneNumber}]
  schemaLag: 1h
odd: [{tenant: conflict, every: 50}]
`

func TestScript(t *testing.T) {
	t.Parallel()
	s, err := genesyssim.ParseScript([]byte(script))
	if err != nil {
		t.Fatal(err)
	}
	var c genesyssim.Config
	c.Play(s)
	if len(c.Faults) != 3 || c.Faults[0].Nth != 3 || c.Faults[2].Delay != 5*time.Second || c.Odd[0].Every != 50 ||
		c.Drift.SchemaLag != time.Hour || !c.Drift.Changes[0].At.Equal(from.AddDate(0, 0, 5)) {
		t.Errorf("%+v", c)
	}
	if _, err := genesyssim.New(c); err != nil {
		t.Error(err)
	}
}

func TestWhatNewRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, script, says string }{
		{"unknown key", "fault: []", `unknown field "fault"`},
		{"unknown action", "faults: [{on: /x, do: explode}]", "fault 1: do: want one of status, too-many"},
		{"no path", "faults: [{do: reset}]", "fault 1: on: want a method and a path"},
		{"a pattern that is none", `faults: [{on: "/[", do: reset}]`, "fault 1: on: syntax error in pattern"},
		{"no status", "faults: [{on: /x, do: status}]", "status: want 200 to 599"},
		{"chance and nth", "faults: [{on: /x, do: reset, nth: 2, chance: 0.5}]", "chance: want a number from 0 to 1"},
		{"too much chance", "faults: [{on: /x, do: reset, chance: 1.5}]", "chance: want a number from 0 to 1"},
		{"a wait that is none", "faults: [{on: /x, do: too-many, after: later}]", "after: want seconds"},
		{"negative", "faults: [{on: /x, do: cut, bytes: -1}]", "must not be negative"},
		{"unknown oddity", "odd: [{tenant: shy, every: 1}]", "oddity 1: tenant: want one of queue, division"},
		{"never odd", "odd: [{tenant: case}]", "oddity 1: every: want 1 or more"},
		{"unknown release", "drift: {release: 2019-01}", "release: want one of 2020-02"},
		{"unknown change", "drift: {changes: [{entity: interaction, path: x, do: swap}]}", "change 1: do: want add"},
		{"unknown entity", "drift: {changes: [{entity: agent, path: x, do: add}]}", "change 1: entity: want"},
		{"no member", "drift: {changes: [{entity: interaction, do: add}]}", "change 1: path: must name"},
		{"no new name", "drift: {changes: [{entity: interaction, path: x, do: rename}]}", "change 1: to: is the new name"},
		{"a list in what is flat", "drift: {changes: [{entity: interaction, path: x, do: list}]}", "change 1: do: an interaction is flat"},
	} {
		s, err := genesyssim.ParseScript([]byte(c.script))
		if err == nil {
			config := genesyssim.Config{}
			config.Play(s)
			_, err = genesyssim.New(config)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.name, err, c.says)
		}
	}
	for _, c := range []genesyssim.Config{{Every: time.Microsecond}, {Count: -1}, {Lag: -1}} {
		if _, err := genesyssim.New(c); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
	sim, err := genesyssim.New(genesyssim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Inject(genesyssim.Fault{On: "/x", Do: "explode"}); err == nil {
		t.Error("an unknown fault is taken")
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add([]byte(script))
	f.Fuzz(func(_ *testing.T, content []byte) {
		s, err := genesyssim.ParseScript(content)
		if err != nil {
			return
		}
		c := genesyssim.Config{}
		c.Play(s)
		_, _ = genesyssim.New(c) // must not panic
	})
}
