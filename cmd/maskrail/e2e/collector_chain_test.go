package e2e

import (
	"fmt"
	"slices"
	"strings"
)

// flow is the order of the services.
var flow = []string{"exporter", "masker", "validator", "loader"}

// broken says what is wrong with the trace of one object: it must lead, parent by parent, from the loader's commit
// through every service to the event. No text means that all is well.
func broken(spans []span, trace string) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	byID := map[string]span{}
	var roots, loads []span
	for _, s := range spans {
		if s.trace != trace {
			continue
		}
		if _, twice := byID[s.id]; twice {
			say("span %s is there twice", s.name)
		}
		byID[s.id] = s
		if s.parent == "" {
			roots = append(roots, s)
		}
		if s.service == "loader" && s.attributes["db.operation.name"] != "" {
			loads = append(loads, s)
		}
	}
	if len(roots) != 1 || len(loads) != 1 {
		say("%d spans with %d roots and %d loads, want one of each", len(byID), len(roots), len(loads))
		return wrong
	}
	for _, s := range byID {
		if _, there := byID[s.parent]; s.parent != "" && !there {
			say("%s: parent of %q is not there", s.service, s.name)
		}
	}
	chain := parents(byID, loads[0])
	last := chain[len(chain)-1]
	if last.id != roots[0].id {
		say("the chain ends at %s %q, not at the root", last.service, last.name)
	}
	if !byEvent(last) && !bySweep(last) {
		say("the root is %s %s %q, neither an event nor the sweep", last.service, last.kind, last.name)
	}
	if got := passed(chain); !slices.Equal(got, flow) {
		say("services from the root to the load: %v, want %v", got, flow)
	}
	wrong = append(wrong, handovers(byID, chain)...)
	return append(wrong, buckets(byID)...)
}

// byEvent and bySweep say who found the object. The sweep that follows a start may be faster than the event.
func byEvent(root span) bool {
	return root.kind == "consumer" && strings.HasPrefix(root.attributes["messaging.destination.name"], "maskrail.s3.")
}

func bySweep(root span) bool { return root.kind == "internal" && root.name == "sweep object" }

// parents walks from s to its root, s first. A circle ends the walk.
func parents(byID map[string]span, s span) []span {
	chain := []span{s}
	for s.parent != "" && len(chain) <= len(byID) {
		p, ok := byID[s.parent]
		if !ok {
			break
		}
		chain, s = append(chain, p), p
	}
	return chain
}

// passed are the services of a chain, root first, each as often as the chain enters it.
func passed(chain []span) []string {
	var out []string
	for _, s := range slices.Backward(chain) {
		if len(out) == 0 || out[len(out)-1] != s.service {
			out = append(out, s.service)
		}
	}
	return out
}

// handovers looks at the steps from one service to the next: a producer's span, and under it the consumer's, which
// also links to it.
func handovers(byID map[string]span, chain []span) []string {
	var wrong []string
	consumers := 0
	for i, s := range chain {
		if s.kind == "consumer" || s.kind == "producer" {
			if s.attributes["messaging.system"] != "nats" || s.attributes["messaging.destination.name"] == "" {
				wrong = append(wrong, fmt.Sprintf("%s %q: no messaging.system=nats with a destination", s.service, s.name))
			}
		}
		if s.kind == "consumer" {
			consumers++
		}
		if i+1 == len(chain) || chain[i+1].service == s.service {
			continue
		}
		from := chain[i+1]
		if s.kind != "consumer" || from.kind != "producer" {
			wrong = append(wrong, fmt.Sprintf("%s %s %q follows %s %s %q, want a consumer under a producer", s.service, s.kind, s.name, from.service, from.kind, from.name))
		}
		if !slices.Contains(s.links, s.trace+":"+from.id) {
			wrong = append(wrong, fmt.Sprintf("%s %q: links %v, none to its producer", s.service, s.name, s.links))
		}
		if s.attributes["messaging.destination.name"] != from.attributes["messaging.destination.name"] {
			wrong = append(wrong, fmt.Sprintf("%s %q: another subject than its producer's", s.service, s.name))
		}
	}
	want := len(flow)
	if bySweep(chain[len(chain)-1]) {
		want--
	}
	if consumers != want {
		wrong = append(wrong, fmt.Sprintf("%d consumer spans on the way, want %d", consumers, want))
	}
	return wrong
}

// buckets looks for the calls to the object store that every stage cannot do without.
func buckets(byID map[string]span) []string {
	seen := map[string]bool{}
	for _, s := range byID {
		if b := s.attributes["aws.s3.bucket"]; b != "" {
			seen[s.service+" "+s.name+" "+b] = true
		}
	}
	var wrong []string
	for _, want := range []string{
		"masker get object maskrail-raw", "masker put object maskrail-masked",
		"validator get object maskrail-masked", "loader get object maskrail-masked",
	} {
		if !seen[want] {
			wrong = append(wrong, "no span of "+want)
		}
	}
	return wrong
}

// root is the first span of a trace.
func root(spans []span, trace string) span {
	for _, s := range spans {
		if s.trace == trace && s.parent == "" {
			return s
		}
	}
	return span{}
}

// worked are the traces in which an object was worked on.
func worked(spans []span) []string {
	var out []string
	for _, s := range spans {
		if slices.Contains(flow[1:], s.service) && !slices.Contains(out, s.trace) {
			out = append(out, s.trace)
		}
	}
	return out
}

// outline is a trace as text, for a failed test.
func outline(spans []span, trace string) string {
	var b strings.Builder
	for _, s := range spans {
		if s.trace == trace {
			fmt.Fprintf(&b, "%s < %-16s %-9s %-8s %s\n", s.id, s.parent, s.service, s.kind, s.name)
		}
	}
	return b.String()
}
