package detect

import (
	"bytes"
	"unicode"
)

// postcodeDetector finds British postcodes (BS 7666): one of them is a handful of
// houses. They count in capitals, of a known area, with the space between.
type postcodeDetector struct{}

func (postcodeDetector) look(sc *scan) {
	start := sc.at
	for start > 0 && sc.at-start < 3 && isUpper(sc.text[start-1]) {
		start--
	}
	if end := postcodeAt(sc.text, start); end > 0 && end-start > 5 && bytes.IndexByte(sc.text[start:end], ' ') > 0 {
		sc.hit(start, end, 0.7, "postcode")
	}
}

// postcodeAt is the end of the postcode at i, 0 when there is none.
func postcodeAt(text []byte, i int) int {
	if !wordStart(text, i) || i > 0 && (text[i-1] == '-' || text[i-1] == '_') {
		return 0
	}
	n := i
	for n < len(text) && n-i < 3 && isLetter(text[n]) {
		n++
	}
	if n-i == 0 || n-i > 2 || !ukAreas.has(text[i:n]) || n == len(text) || !isDigit(text[n]) {
		return 0
	}
	n++
	inward := n+2 < len(text) && isDigit(text[n]) && isLetter(text[n+1]) && isLetter(text[n+2])
	if n < len(text) && isAlnum(text[n]) && !inward {
		n++
	}
	if n < len(text) && text[n] == ' ' {
		n++
	}
	if n+3 > len(text) || !isDigit(text[n]) || !isInward(text[n+1]) || !isInward(text[n+2]) || n+3 < len(text) && (isAlnum(text[n+3]) || text[n+3] == '_') {
		return 0
	}
	return n + 3
}

// isInward: C, I, K, M, O and V are in no second half.
func isInward(c byte) bool { return isLetter(c) && bytes.IndexByte([]byte("cikmov"), lower(c)) < 0 }

// compoundStreet finds addresses of which the street is one word with the number
// behind it: "Hauptstraße 12, 10115 Berlin".
type compoundStreet struct{}

func (compoundStreet) look(sc *scan) {
	text := sc.text
	end := sc.at
	c, ok := chunkBefore(text, end, false)
	if !ok {
		return
	}
	w := text[c.start:c.end]
	last := lower(w[len(w)-1])
	if last > 'z' {
		return
	}
	long := 0
	for _, e := range streetEnds[last] {
		if n := len(w) - len(e); n >= 0 && n >= long && foldSuffix(w[n:], e) && (e != "str" || text[c.end] == '.') {
			long = n + 1
		}
	}
	switch {
	case long == 0:
		return
	case long == 1: // "Berliner Straße"
		first, ok := chunkBefore(text, c.start, false)
		if !ok || !startsUpper(w) || !startsUpper(text[first.start:first.end]) {
			return
		}
		c.start = first.start
	case long < 4 || !startsUpper(w):
		return
	}
	to := end
	for to < len(text) && isAlnum(text[to]) && to-end < 6 {
		to++
	}
	if to == len(text) || text[to] != ':' && text[to] != '%' {
		if isHouse(text[end:to]) && to-end <= 5 {
			sc.hit(c.start, placeEnd(text, to), 0.75, "street")
		}
	}
}

func foldSuffix(w []byte, suffix string) bool {
	if len(w) != len(suffix) {
		return false
	}
	for i, c := range w {
		if c < 0x80 && lower(c) != suffix[i] || c >= 0x80 && c != suffix[i] {
			return false
		}
	}
	return true
}

func isUpperRune(r rune) bool { return unicode.IsUpper(r) }
