package detect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sync"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
)

// plan is the numbering plan of the main country of a calling code: the expressions that libphonenumber has for its
// numbers, walked digit by digit all at once. It says of every national number what phonenumbers.IsValidNumberForRegion
// does, in a hundredth of the time. It is made of the library's own metadata when a number of the country is first met.
type plan struct {
	states  []planState
	lengths [maxE164 + maxTrunk + 1]uint16 // by how many digits a number has: the expressions that are about such numbers
}

// planState is what the digits so far can become. State 0 is nothing, and 1 is before the first digit.
type planState struct {
	next [10]uint16
	ends uint16 // the expressions that match as a whole, a bit each; the first is that of all numbers
}

// maxPlanStates is how many states a plan has at most. The largest has about 500.
const maxPlanStates = 1 << 12

// valid reports whether the digits are a number of the country.
func (p *plan) valid(national []byte) bool {
	state := uint16(1)
	for _, d := range national {
		state = p.states[state].next[d]
	}
	matched := p.states[state].ends & p.lengths[len(national)]
	return matched&1 != 0 && matched > 1
}

// plans are those of the calling codes.
var plans [1000]struct {
	once  sync.Once
	known bool // the code is one
	plan  *plan
}

// planOf is the plan behind a calling code, nil where it must be left to the library; known says whether the code is one.
func planOf(code int) (p *plan, known bool) {
	c := &plans[code]
	c.once.Do(func() {
		if region := phonenumbers.GetRegionCodeForCountryCode(code); region != unknownRegion {
			c.known, c.plan = true, newPlan(code, region)
		}
	})
	return c.plan, c.known
}

// newPlan is nil for what has an assertion, or more states than a plan should.
func newPlan(code int, region string) *plan {
	m, ok := metadata.RegionMetadata(region)
	if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
		m, ok = metadata.NonGeoMetadata(code)
	}
	if !ok {
		return nil
	}
	all := []*metadata.PhoneNumberDesc{
		m.GetGeneralDesc(), m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(),
		m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(),
	}
	if !m.GetSameMobileAndFixedLinePattern() {
		all = append(all, m.GetMobile())
	}
	p := &plan{}
	b := planBuilder{plan: p, numbers: map[string]uint16{}}
	var start []uint32
	for i, desc := range all {
		for n := range p.lengths {
			if lengths := desc.GetPossibleLength(); len(lengths) == 0 || slices.Contains(lengths, int32(n)) {
				p.lengths[n] |= 1 << i
			}
		}
		parsed, err := syntax.Parse(desc.GetNationalNumberPattern(), syntax.Perl)
		if err != nil {
			return nil
		}
		prog, err := syntax.Compile(parsed.Simplify())
		if err != nil {
			return nil
		}
		start = b.closure(start, i, prog, uint32(prog.Start))
		b.programs = append(b.programs, prog)
	}
	b.state(nil)
	b.state(start)
	for at := 1; at < len(b.sets) && !b.unsure; at++ {
		for d := range 10 {
			p.states[at].next[d] = b.state(b.behind(b.sets[at], rune('0'+d)))
		}
	}
	if b.unsure {
		return nil
	}
	return p
}

// planBuilder makes the states of a plan out of sets of places in the expressions' programs. A place is the number of its
// expression in the highest byte, and that of the instruction.
type planBuilder struct {
	*plan
	programs []*syntax.Prog
	sets     [][]uint32 // by state, ascending
	numbers  map[string]uint16
	depth    int
	unsure   bool
}

const (
	placeBits = 24
	maxDepth  = 1 << 10 // of what is reached without a digit: an expression could come back to where it was
)

// state is the number of the state of a set of places.
func (b *planBuilder) state(set []uint32) uint16 {
	slices.Sort(set)
	set = slices.Compact(set)
	key := make([]byte, 0, 4*len(set))
	for _, place := range set {
		key = binary.LittleEndian.AppendUint32(key, place)
	}
	if n, ok := b.numbers[string(key)]; ok {
		return n
	}
	if len(b.sets) == maxPlanStates {
		b.unsure = true
		return 0
	}
	var s planState
	for _, place := range set {
		if i := place >> placeBits; b.programs[i].Inst[place&(1<<placeBits-1)].Op == syntax.InstMatch {
			s.ends |= 1 << i
		}
	}
	n := uint16(len(b.sets))
	b.sets, b.states, b.numbers[string(key)] = append(b.sets, set), append(b.states, s), n
	return n
}

// behind are the places behind one more digit.
func (b *planBuilder) behind(set []uint32, digit rune) (to []uint32) {
	for _, place := range set {
		i := int(place >> placeBits)
		if in := &b.programs[i].Inst[place&(1<<placeBits-1)]; in.Op != syntax.InstMatch && in.MatchRune(digit) {
			to = b.closure(to, i, b.programs[i], in.Out)
		}
	}
	return to
}

// closure appends the places that are reached without a digit, of those that need one or are the end.
func (b *planBuilder) closure(to []uint32, i int, prog *syntax.Prog, at uint32) []uint32 {
	b.depth++
	defer func() { b.depth-- }()
	if b.depth > maxDepth {
		b.unsure = true
		return to
	}
	switch in := &prog.Inst[at]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return b.closure(b.closure(to, i, prog, in.Out), i, prog, in.Arg)
	case syntax.InstCapture, syntax.InstNop:
		return b.closure(to, i, prog, in.Out)
	case syntax.InstFail:
		return to
	case syntax.InstEmptyWidth:
		b.unsure = true
		return to
	}
	return append(to, uint32(i)<<placeBits|at)
}
