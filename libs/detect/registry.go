package detect

import "slices"

// detector finds the values of one class around the scan's current candidate
// and reports them with scan.hit. It keeps no state of its own: one detector
// serves many goroutines.
type detector interface {
	look(sc *scan)
}

// trigger is the kind of candidate a detector is called for.
type trigger uint8

const (
	onDigits  trigger = iota // a complete digit chain: scan.groups and scan.digits
	onAt                     // an at sign: scan.at and scan.atEnd
	onWord                   // one of the part's cues: scan.at and scan.atEnd
	onCode                   // a digit right behind a letter: scan.at
	onNumber                 // a digit behind a word and a space: scan.at
	onMark                   // one of the marks of isMark, between what it joins: scan.at
	onFigure                 // a digit that no letter or digit stands before: scan.at
	onCapital                // a word that begins with a capital, near another one, see promising: scan.at
	onSmall                  // once for a text of small letters
)

// part is one detector of a class and when it is called.
type part struct {
	on trigger
	// minDigits is the fewest digits that a finding has, and for onDigits the
	// fewest of a chain to be looked at. It is 0 where at signs are enough.
	minDigits int
	// cues are the words of onWord, of lower-case letters.
	cues func() []string
	// capital: the cues count with a capital first letter alone.
	capital bool
	// ahead: it finds nothing where a small letter follows behind a space.
	ahead bool
	// spoken: the part finds what is told in words alone, see Tally.Spoken.
	spoken bool
	// guess: what the part finds is likely and no more. It is in sets for texts alone,
	// see NewTextSet.
	guess bool
	build func(region string) (detector, error)
}

// definition is a class's line in the registry.
type definition struct {
	class Class
	parts []part
}

// registry lists every class, the most sensitive first: the order settles
// overlaps of equal place and length.
var registry = []definition{
	{Card, []part{
		{on: onDigits, minDigits: minPAN, build: newCard},
		{on: onDigits, minDigits: minShortPAN, guess: true, build: alone(cardGuess{})},
	}},
	{SSN, []part{{on: onDigits, minDigits: ssnDigits, build: newSSN}}},
	{IBAN, []part{{on: onCode, minDigits: 2, build: alone(ibanDetector{})}}},
	{CVV, []part{{on: onWord, minDigits: minCVV, cues: cvvCues, build: alone(cvvDetector{})}}},
	{Passport, []part{{on: onWord, minDigits: minPassport, cues: passportCues, build: alone(passportDetector{})}}},
	{Licence, []part{{on: onWord, minDigits: minLicence, cues: licenceCues, build: alone(licenceDetector{})}}},
	{MRN, []part{{on: onWord, minDigits: minMRN, cues: mrnCues, build: alone(mrnDetector{})}}},
	{Member, []part{{on: onWord, minDigits: minMember, cues: memberCues, build: alone(memberDetector{})}}},
	{Phone, []part{
		{on: onDigits, minDigits: minPhone, build: newPhone},
		{on: onDigits, minDigits: minPlus, guess: true, build: alone(phoneGuess{})},
	}},
	{Email, []part{
		{on: onAt, build: newEmail},
		{on: onWord, cues: spelledCues, spoken: true, build: alone(spelledEmail{})},
	}},
	{URL, []part{{on: onMark, build: alone(urlDetector{})}}},
	{IP, []part{
		{on: onDigits, minDigits: 4, build: alone(ipv4Detector{})},
		{on: onMark, minDigits: 1, build: alone(ipv6Detector{})},
	}},
	{MAC, []part{{on: onMark, minDigits: 1, build: alone(macDetector{})}}},
	{DOB, []part{
		{on: onWord, minDigits: minDate, cues: dobCues, build: alone(dobDetector{})},
		{on: onDigits, minDigits: minOldDate, guess: true, build: alone(oldDate{})},
		{on: onWord, minDigits: minOldDate, guess: true, cues: monthCues, capital: true, build: alone(oldDate{named: true})},
	}},
	{Address, []part{
		{on: onWord, minDigits: 1, cues: streetCues, build: alone(streetDetector{})},
		{on: onNumber, minDigits: 1, build: alone(compoundStreet{})},
		{on: onCode, minDigits: 2, build: alone(postcodeDetector{})},
		{on: onFigure, minDigits: 1, guess: true, build: alone(addressGuess{})},
		{on: onWord, minDigits: 1, guess: true, cues: streetCues, build: alone(smallStreet{})},
	}},
	{Name, []part{
		{on: onWord, cues: nameCues, build: alone(nameDetector{})},
		{on: onWord, cues: nameCuesAhead, ahead: true, build: alone(nameDetector{})},
		{on: onWord, cues: firstNames, capital: true, build: alone(fullNameDetector{})},
		{on: onCapital, guess: true, build: alone(nameGuess{})},
		{on: onWord, guess: true, cues: knownNames, capital: true, build: alone(nameGuess{})},
		{on: onWord, guess: true, cues: beforeNames, ahead: true, build: alone(nameAhead{})},
		{on: onWord, guess: true, cues: linksToNames, build: alone(nameLinked{})},
		{on: onWord, guess: true, cues: behindNames, build: alone(nameBehind{})},
		{on: onSmall, guess: true, build: alone(smallNames{})},
	}},
}

// alone builds a detector that is the same for every region.
func alone(d detector) func(string) (detector, error) {
	return func(string) (detector, error) { return d, nil }
}

// Classes returns the known classes, sorted.
func Classes() []Class {
	out := BySensitivity()
	slices.Sort(out)
	return out
}

// BySensitivity returns the known classes, the most sensitive first.
func BySensitivity() []Class {
	out := make([]Class, len(registry))
	for i, def := range registry {
		out[i] = def.class
	}
	return out
}

// rank is a class's place in the registry; lower is more sensitive.
func rank(c Class) int {
	return slices.IndexFunc(registry, func(def definition) bool { return def.class == c })
}

// add takes a detector into the set. The number is that of the part among all of
// the registry.
func (s *Set) add(e entry, number int) {
	// Names have no digits, and other values behind a word may be spoken.
	s.digitless = s.digitless || (e.on == onWord || e.on == onCapital || e.on == onSmall) && !e.spoken
	s.words = s.words || e.on != onDigits && e.on != onAt && !e.spoken
	s.cards = s.cards || e.class == Card
	if e.minDigits > 0 {
		s.fewest = min(s.fewest, e.minDigits)
	}
	switch e.on {
	case onAt:
		s.onAt = append(s.onAt, e)
		s.signs = true
	case onDigits:
		s.onDigits = append(s.onDigits, e)
		s.minDigits = min(s.minDigits, e.minDigits)
	case onCode:
		s.onCode = append(s.onCode, e)
	case onNumber:
		s.onNumber = append(s.onNumber, e)
	case onMark:
		s.onMark = append(s.onMark, e)
		s.signs = s.signs || e.minDigits == 0
	case onFigure:
		s.onFigure = append(s.onFigure, e)
	case onSmall:
		s.onSmall = append(s.onSmall, e)
	case onCapital:
		s.onCapital = append(s.onCapital, e)
	case onWord:
		e.cue = cueBit(number)
		s.byCue[number] = uint8(len(s.onWord))
		s.onWord = append(s.onWord, e)
		s.cues |= e.cue
		if e.ahead {
			s.ahead |= e.cue
		}
	}
}
