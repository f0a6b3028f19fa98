package genesyssim_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// manual is what people read about the simulator.
func manual(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "simulator.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// script is the manual's example.
func script(t testing.TB) []byte {
	t.Helper()
	_, after, _ := strings.Cut(manual(t), "```yaml\n")
	example, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("the manual has no script")
	}
	return []byte(example)
}

func TestScript(t *testing.T) {
	t.Parallel()
	s, err := genesyssim.ParseScript(script(t))
	if err != nil {
		t.Fatal(err)
	}
	var c genesyssim.Config
	c.Play(s)
	if len(c.Faults) != 7 || c.Faults[0].Nth != 3 || c.Faults[6].Chance != 0.02 || c.Odd[0].Every != 50 ||
		c.Drift.SchemaLag != time.Hour || !c.Drift.Changes[0].At.Equal(from.AddDate(0, 0, 5)) {
		t.Errorf("%+v", c)
	}
	if _, err := genesyssim.New(c); err != nil {
		t.Error(err)
	}
}

func TestManualNamesEveryAction(t *testing.T) {
	t.Parallel()
	text := manual(t)
	for _, do := range genesyssim.Actions() {
		if !strings.Contains(text, "`"+do+"`") {
			t.Errorf("the manual does not say what %s does", do)
		}
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
	f.Add(script(f))
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
