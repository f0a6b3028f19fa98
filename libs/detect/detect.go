package detect

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers/v2"
)

// Class names a kind of sensitive value, as policies write it.
type Class string

// The classes.
const (
	Phone    Class = "phone"
	Email    Class = "email"
	Card     Class = "card"
	SSN      Class = "ssn" // US social security numbers, and individual taxpayer numbers
	IBAN     Class = "iban"
	IP       Class = "ip"
	MAC      Class = "mac"
	URL      Class = "url" // with a password, token or key in it
	DOB      Class = "dob" // date of birth
	Address  Class = "address"
	Licence  Class = "licence" // to drive
	Passport Class = "passport"
	MRN      Class = "mrn"    // medical record number
	Member   Class = "member" // number of a member, insured or subscriber
	CVV      Class = "cvv"
	Name     Class = "name" // of a person
)

// Sure is the score of a checked form: a checksum, a numbering plan, a grammar that nothing else has. What rests on
// shape or on the words around it scores less.
const Sure = 0.9

// Guess is the score that guesses stay below.
const Guess = 0.5

// Span is a finding: bytes [Start,End) of the text.
type Span struct {
	Start, End int
	Class      Class
	// Score is above 0 and at most 1: Sure and more is a checked form, less rests
	// on shape or on the words around it. Of a span that stands for several findings
	// it is the highest.
	Score float64
	// Reason is a fixed code, never text from the data: "luhn", "addr-spec",
	// "ssn-context". docs/detection.md lists all of them.
	Reason string
}

// defaultRegion is where a number without a country code is taken to be from
// when the caller does not say.
const defaultRegion = "US"

// Set is a compiled choice of detectors; safe for concurrent use.
type Set struct {
	onDigits, onAt, onWord, onCode, onNumber, onMark, onFigure, onCapital, onSmall []entry
	// minDigits is the shortest chain any detector of the set looks at, and fewest
	// the fewest digits of any finding that has some.
	minDigits, fewest int
	cues              cueBits // words at which a detector is called
	ahead             cueBits // of these, the ones of parts that are
	words             bool    // more than digits and at signs can start a finding
	digitless         bool    // a text with neither digits nor signs can hold a finding
	signs             bool    // one with signs and no digits can
	cards             bool    // cards are looked for
	table             *cueTable
	byCue             [64]uint8 // of a bit of cues: its place in onWord
	scans             sync.Pool
}

type entry struct {
	part
	detector
	class Class
	cue   cueBits // of onWord
}

// NewSet compiles the detectors of the classes, of every known class when none
// is given. The region is the ISO 3166 code of the country that numbers without
// a country code belong to; empty means US. An unknown class or region is an
// error that names the choices.
func NewSet(region string, classes ...Class) (*Set, error) { return newSet(region, false, classes) }

// NewTextSet is NewSet for texts that people have written or said. Beside what
// NewSet's detectors find it takes guesses, of a score below [Guess]: names that
// nothing announces and no list holds, addresses by their build, numbers in the
// forms of a country unknown. In a text they are right more often than not; in the
// codes, titles and product names of other cells they are not.
func NewTextSet(region string, classes ...Class) (*Set, error) { return newSet(region, true, classes) }

func newSet(region string, guesses bool, classes []Class) (*Set, error) {
	region = strings.ToUpper(strings.TrimSpace(region))
	if region == "" {
		region = defaultRegion
	}
	if !phonenumbers.GetSupportedRegions()[region] {
		return nil, fmt.Errorf("compile detectors: unknown region: give a two-letter country code such as US, GB or DE")
	}
	if len(classes) == 0 {
		classes = Classes()
	}
	s := &Set{minDigits: 1 << 30, fewest: 1 << 30}
	s.scans.New = func() any { return &scan{parsed: new(parsed)} }
	number := 0
	for _, def := range registry {
		for _, p := range def.parts {
			if number++; !slices.Contains(classes, def.class) || p.guess && !guesses {
				continue
			}
			det, err := p.build(region)
			if err != nil {
				return nil, fmt.Errorf("compile detector %s: %w", def.class, err)
			}
			s.add(entry{part: p, detector: det, class: def.class}, number-1)
		}
	}
	if len(s.onDigits) > 0 || len(s.onWord) > 0 {
		s.cues |= spokenCue
	}
	s.table = cuesOf(s.cues)
	for _, c := range classes {
		if !slices.Contains(Classes(), c) {
			return nil, fmt.Errorf("compile detectors: unknown class %q: known are %s", c, known())
		}
	}
	return s, nil
}

// Find appends the non-overlapping spans of text to dst in order of Start and
// returns it. Findings that overlap are one span over all of them, of the class
// and reason of the longest, then of the leftmost, then of the most sensitive
// class ([BySensitivity]), with the highest score of them. It allocates nothing
// for text that holds no candidate.
func (s *Set) Find(dst []Span, text []byte) []Span {
	return s.FindCounted(dst, text, Count(text))
}

// FindCounted is Find for a text whose tally is known.
func (s *Set) FindCounted(dst []Span, text []byte, t Tally) []Span {
	if !s.Possible(t) {
		return dst
	}
	sc := s.begin(text, false)
	s.search(sc, t)
	dst = sc.resolve(dst)
	s.end(sc)
	return dst
}

// Contains reports whether Find would return anything, and stops at the first
// finding.
func (s *Set) Contains(text []byte) bool {
	t := Count(text)
	if !s.Possible(t) {
		return false
	}
	sc := s.begin(text, true)
	s.search(sc, t)
	hit := len(sc.hits) > 0
	s.end(sc)
	return hit
}

func (s *Set) search(sc *scan, t Tally) {
	switch {
	case s.words || t.Spoken:
		s.walkWords(sc)
	case t.Signs == 0 && t.Wide == 0:
		s.walkDigits(sc)
	default:
		s.walk(sc)
	}
	s.small(sc)
	if s.words && t.Wide > 0 && !sc.done() {
		s.withoutInvisible(sc)
	}
}

func known() string {
	var b strings.Builder
	for i, c := range Classes() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(c))
	}
	return b.String()
}
