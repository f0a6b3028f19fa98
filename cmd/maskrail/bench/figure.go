package main

import (
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

// Goal is what a figure must reach, and what it should. Zero is no goal.
type Goal struct {
	Must float64 `json:"must,omitempty"`
	Aim  float64 `json:"aim,omitempty"`
	// Less is better; otherwise more is.
	Less bool `json:"less,omitempty"`
}

// Figure is a line of the table.
type Figure struct {
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"` // "" is a ratio
	measure.Spread
	Goal
	Met string `json:"met,omitempty"` // a verdict, "" where there is no goal or the data is smaller than the goal's
	Not string `json:"not,omitempty"` // why it was not measured
}

// The verdicts.
const (
	metAim  = "aim"
	metMust = "must"
	missed  = "missed"
)

func atLeast(must, aim float64) Goal { return Goal{Must: must, Aim: aim} }
func atMost(must, aim float64) Goal  { return Goal{Must: must, Aim: aim, Less: true} }

func (g Goal) met(v float64) string {
	reached := func(goal float64) bool {
		if g.Less {
			return v <= goal
		}
		return v >= goal
	}
	switch {
	case g.Must == 0:
		return ""
	case g.Aim != 0 && reached(g.Aim):
		return metAim
	case reached(g.Must):
		return metMust
	default:
		return missed
	}
}

// figure adds a line to the table.
func (b *bench) figure(name, unit string, values []float64, g Goal) {
	f := Figure{Name: name, Unit: unit, Spread: measure.Of(values), Goal: g}
	if !b.check && b.rows >= fullRows {
		f.Met = g.met(f.Median)
	}
	b.figures = append(b.figures, f)
}

// without adds a line that says why there is no figure.
func (b *bench) without(name, why string, g Goal) {
	b.figures = append(b.figures, Figure{Name: name, Goal: g, Not: why})
	b.remark("%s: not measured: %s", name, why)
}

// Timing is what the runs of somebody took.
type Timing struct {
	Work string         `json:"work"`
	Name string         `json:"name"`
	Runs int            `json:"runs"`
	Wall measure.Spread `json:"wall"` // seconds
	CPU  measure.Spread `json:"cpu"`  // seconds of all threads
	Peak measure.Spread `json:"peak"` // MiB resident
	Size int64          `json:"size"` // bytes of output
}

func timing(work string, r *measure.Result) Timing {
	return Timing{
		Work: work, Name: r.Name, Runs: len(r.Samples), Size: r.Size,
		Wall: measure.Of(r.Wall()), CPU: measure.Of(r.CPU()), Peak: measure.Of(r.Peak()),
	}
}

// faster is the one whose median is lower.
func faster(a, b *measure.Result) *measure.Result {
	if measure.Of(b.Wall()).Median < measure.Of(a.Wall()).Median {
		return b
	}
	return a
}
