package dialplan

import (
	"fmt"
	"regexp/syntax"
	"slices"
)

// lead is how many digits of a number are looked at.
const lead = 3

// beginnings is a set of the first digits that numbers have, lead of them.
type beginnings [1000/64 + 1]uint64

func (b *beginnings) has(first int) bool { return b[first/64]>>(first%64)&1 != 0 }

func (b *beginnings) fill() {
	for i := range b {
		b[i] = ^uint64(0)
	}
}

// pattern is a regular expression that is walked digit by digit, in all its states at a time. Its assertions are taken
// for true, so that it seems to match more than it does, never less.
type pattern struct{ *syntax.Prog }

func compile(expression string) (pattern, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return pattern{}, fmt.Errorf("read a pattern of a dialling plan: %w", err)
	}
	p, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return pattern{}, fmt.Errorf("read a pattern of a dialling plan: %w", err)
	}
	return pattern{p}, nil
}

// begins is the set of beginnings of digits at whose start an expression can match: where it does so by what follows
// them, they are in the set as well. The empty expression matches nothing.
func begins(expression string) (b beginnings, err error) {
	if expression == "" {
		return b, nil
	}
	p, err := compile(expression)
	if err != nil {
		return b, err
	}
	p.walk(&b, p.start(), 0, 0)
	return b, nil
}

// walk adds what begins with the digits so far, of which there are n.
func (p pattern) walk(found *beginnings, states []uint32, digits, n int) {
	if n == lead && len(states) > 0 || slices.ContainsFunc(states, p.matched) {
		size := 1
		for range lead - n {
			digits, size = digits*10, size*10
		}
		for i := digits; i < digits+size; i++ {
			found[i/64] |= 1 << (i % 64)
		}
		return
	}
	if len(states) == 0 {
		return
	}
	for d := range 10 {
		p.walk(found, p.next(states, byte('0'+d)), digits*10+d, n+1)
	}
}

// exactly reports that an expression matches a prefix of digits, and neither more nor less of any digits that begin so.
func exactly(expression, prefix string) bool {
	p, err := compile(expression)
	if err != nil || prefix == "" {
		return false
	}
	states := p.start()
	for i := range prefix {
		if slices.ContainsFunc(states, p.matched) {
			return false
		}
		states = p.next(states, prefix[i])
	}
	return len(states) == 1 && p.matched(states[0])
}

func (p pattern) matched(s uint32) bool { return p.Inst[s].Op == syntax.InstMatch }

func (p pattern) start() []uint32 { return p.closure(nil, uint32(p.Start), map[uint32]bool{}) }

// next are the states behind one more character.
func (p pattern) next(states []uint32, c byte) (behind []uint32) {
	seen := map[uint32]bool{}
	for _, s := range states {
		if in := &p.Inst[s]; in.MatchRune(rune(c)) {
			behind = p.closure(behind, in.Out, seen)
		}
	}
	return behind
}

// closure appends the states that are reached without a character, of those that need one or are the end.
func (p pattern) closure(states []uint32, s uint32, seen map[uint32]bool) []uint32 {
	if seen[s] {
		return states
	}
	seen[s] = true
	switch in := &p.Inst[s]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return p.closure(p.closure(states, in.Out, seen), in.Arg, seen)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		return p.closure(states, in.Out, seen)
	case syntax.InstFail:
		return states
	}
	return append(states, s)
}
