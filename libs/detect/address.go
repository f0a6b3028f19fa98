package detect

import "unicode/utf8"

// streetDetector finds postal addresses by the word for a street: the house's
// number and the street's name before it ("221B Baker Street") or behind ("12 rue
// de la Paix", "Calle Mayor 5"), with the flat, town, state and postal code that
// follow. A post office box and a postal code behind a word for it count as well.
type streetDetector struct{}

const addressReason = "street"

func (streetDetector) look(sc *scan) {
	text, start, end := sc.text, sc.at, sc.atEnd
	switch streetKinds.value(text[start:end]) {
	case streetSure:
		sc.numberFirst(start, end, false)
	case streetCapital:
		if isUpper(text[start]) {
			sc.numberFirst(start, end, true)
		} else if end-start <= 4 || townFollows(text, end) {
			sc.numberFirst(start, end, !townFollows(text, end))
		}
	case streetBefore:
		sc.streetFirst(start, end)
	case streetBox:
		sc.postBox(start, end)
	case streetZip:
		sc.zipCode(end)
	}
}

func townFollows(text []byte, end int) bool { return placeEnd(text, end) > end }

// chunk is a word or number of an address.
type chunk struct{ start, end int }

func isChunk(c byte) bool { return isAlnum(c) || c == '\'' || c >= 0x80 }

// chunkBefore is what ends before pos with one space, or a full stop and a space,
// between; comma says that one may lie between too.
func chunkBefore(text []byte, pos int, comma bool) (chunk, bool) {
	end := pos
	for end > 0 && pos-end < 3 {
		c := text[end-1]
		if c != ' ' && c != '\t' && c != '\n' && (c != '.' || end == pos) && (c != ',' || !comma) {
			break
		}
		end--
	}
	start := end
	for start > 0 && end-start < maxWord*2 && (isChunk(text[start-1]) || text[start-1] == '-' || text[start-1] == '/') {
		start--
	}
	return chunk{start, end}, end < pos && start < end
}

// chunkAfter is what begins behind pos; comma says that one lies between.
func chunkAfter(text []byte, pos int) (c chunk, comma bool) {
	start := pos
	for start < len(text) && start-pos < 4 {
		b := text[start]
		if b == ',' {
			comma = true
		} else if b != ' ' && b != '\n' && b != '\r' && b != '\t' && b != '.' {
			break
		}
		start++
	}
	end := start
	for end < len(text) && end-start < maxWord*2 && (isChunk(text[end]) || text[end] == '-') {
		end++
	}
	if start == pos {
		end = start
	}
	return chunk{start, end}, comma
}

// isHouse reports a house's number: up to six digits, perhaps with a letter, a
// fraction or a second number.
func isHouse(w []byte) bool {
	digits := 0
	for i, c := range w {
		switch {
		case isDigit(c):
			digits++
		case i == 0, !isLetter(c) && c != '-' && c != '/', isLetter(c) && i < len(w)-1 && isLetter(w[i+1]):
			return false
		}
	}
	return digits > 0 && digits <= 6
}

func isOrdinal(w []byte) bool {
	i := 0
	for i < len(w) && isDigit(w[i]) {
		i++
	}
	return i > 0 && i+2 == len(w) && ordinals.has(w[i:])
}

func startsUpper(w []byte) bool {
	if len(w) == 0 {
		return false
	}
	if w[0] < utf8.RuneSelf {
		return isUpper(w[0])
	}
	r, _ := utf8.DecodeRune(w)
	return isUpperRune(r)
}

const (
	maxStreetWords = 4
	addressScore   = 0.8
)

// numberFirst looks for a house's number and a name before the word at start.
func (sc *scan) numberFirst(start, end int, capitals bool) {
	text := sc.text
	pos, named := start, false
	for range maxStreetWords + 1 {
		c, ok := chunkBefore(text, pos, false)
		if !ok {
			return
		}
		w := text[c.start:c.end]
		if named && isHouse(w) && !isOrdinal(w) {
			if c.start > 0 && (text[c.start-1] == '.' || text[c.start-1] == ':' || text[c.start-1] == '$' || text[c.start-1] == '#') {
				return
			}
			sc.hit(unitBefore(text, c.start), addressEnd(text, end), addressScore, addressReason)
			return
		}
		switch {
		case isOrdinal(w), startsUpper(w) && !timeWords.has(w), directions.has(w):
		case isDigit(w[0]), capitals, startsUpper(w), notStreet.has(w), isOrdinary(w) && !startsUpper(text[start:end]) && !townFollows(text, end) && !streetish.has(w):
			return
		}
		pos, named = c.start, true
	}
}

// streetish are ordinary words that streets are named after, in lower case too.
var streetish = wordSet("high", "main", "church", "station", "park", "mill", "school", "green", "king", "kings", "queen", "queens", "market", "bridge", "castle",
	"hill", "lake", "oak", "maple", "elm", "pine", "cedar", "river", "spring", "union", "water", "second", "third", "first", "fourth", "fifth", "sixth", "north", "south", "east", "west", "old", "new", "london", "manor", "garden", "orchard", "grove")

// unitBefore takes in "Flat 2, " before a house's number.
func unitBefore(text []byte, start int) int {
	c, ok := chunkBefore(text, start, true)
	if !ok || !isHouse(text[c.start:c.end]) {
		return start
	}
	if w, ok := chunkBefore(text, c.start, false); ok && units.has(text[w.start:w.end]) {
		return w.start
	}
	return start
}

// addressEnd is the end of the address of which the street ends at end.
func addressEnd(text []byte, end int) int {
	if c, comma := chunkAfter(text, end); !comma && c.end > c.start && directions.has(text[c.start:c.end]) && startsUpper(text[c.start:c.end]) {
		end = c.end
	}
	end = unitAfter(text, end)
	return placeEnd(text, end)
}

// unitAfter takes in ", Apt 4B" and "#12".
func unitAfter(text []byte, end int) int {
	c, _ := chunkAfter(text, end)
	if c.start < len(text) && text[c.start] == '#' && c.start-end <= 2 {
		if n := (chunk{c.start + 1, c.start + 1}); n.start < len(text) {
			for n.end < len(text) && isAlnum(text[n.end]) {
				n.end++
			}
			if n.end > n.start {
				return n.end
			}
		}
		return end
	}
	if c.end == c.start || !units.has(text[c.start:c.end]) {
		return end
	}
	at := c.end
	for at < len(text) && at-c.end < 3 && (text[at] == ' ' || text[at] == '.' || text[at] == '#') {
		at++
	}
	to := at
	for to < len(text) && isAlnum(text[to]) && to-at <= 6 {
		to++
	}
	if to == at || to-at > 6 || !isHouse(text[at:to]) && to-at > 2 {
		return end
	}
	return to
}

// placeEnd is the end of the town, state and postal code behind end, end when there
// is none of them.
func placeEnd(text []byte, end int) int {
	at, best := end, end
	for n := range 5 {
		c, comma := chunkAfter(text, at)
		if c.end == c.start {
			return best
		}
		w := text[c.start:c.end]
		switch {
		case isZip(w) && (comma || n > 0 || at == end):
			best = c.end
			if next, _ := chunkAfter(text, c.end); n == 0 && next.end > next.start && startsUpper(text[next.start:next.end]) && !isOrdinary(text[next.start:next.end]) {
				best = next.end // "10115 Berlin"
			}
			return best
		case postcodeAt(text, c.start) > 0:
			return postcodeAt(text, c.start)
		case n > 0 && len(w) == 2 && isUpper(w[0]) && isUpper(w[1]) && usStates.has(w), n > 0 && usStateNames.has(w):
			best, at = c.end, c.end
			if z, _ := chunkAfter(text, c.end); z.end > z.start && isZip(text[z.start:z.end]) {
				return z.end
			}
			if n > 0 && len(w) == 2 {
				return best
			}
			continue
		case isDutch(text, c):
			best = c.end + 3
			if t, _ := chunkAfter(text, best); t.end > t.start && startsUpper(text[t.start:t.end]) && !isOrdinary(text[t.start:t.end]) {
				best = t.end
			}
			return best
		case !startsUpper(w) && (!comma || n > 0), isOrdinary(w) && !streetish.has(w):
			return best
		}
		if n == 0 && comma && startsUpper(w) {
			best = c.end
		}
		at = c.end
	}
	return best
}

// isZip is a postal code of five digits, of the USA with four more.
func isZip(w []byte) bool {
	if len(w) == 10 && w[5] == '-' {
		return allDigits(w[:5]) && allDigits(w[6:])
	}
	return len(w) == 5 && allDigits(w)
}

// isDutch reports the digits of a postal code of the Netherlands, "1017 GC".
func isDutch(text []byte, c chunk) bool {
	e := c.end
	return e-c.start == 4 && allDigits(text[c.start:e]) && e+3 <= len(text) && text[e] == ' ' && isUpper(text[e+1]) && isUpper(text[e+2]) && (e+3 == len(text) || !isAlnum(text[e+3]))
}

// streetFirst looks for an address of the Romance languages around the word at start.
func (sc *scan) streetFirst(start, end int) {
	text := sc.text
	pos, capital, number := end, false, 0
	last := end
	for range maxStreetWords + 2 {
		c, comma := chunkAfter(text, pos)
		if c.end == c.start || c.start-pos > 3 {
			break
		}
		w := text[c.start:c.end]
		if isHouse(w) && capital {
			number = c.end
			break
		}
		if comma || !startsUpper(w) && !particles.has(w) && !apostrophed(w) {
			break
		}
		if startsUpper(w) || apostrophed(w) {
			capital, last = true, c.end
		}
		pos = c.end
	}
	if !capital {
		return
	}
	if c, ok := chunkBefore(text, start, true); ok && isHouse(text[c.start:c.end]) {
		sc.hit(c.start, addressEnd(text, last), 0.75, addressReason)
		return
	}
	if number > 0 && startsUpper(text[start:end]) {
		sc.hit(start, addressEnd(text, number), 0.75, addressReason)
	}
}

// apostrophed reports "l'Église".
func apostrophed(w []byte) bool { return len(w) > 2 && w[1] == '\'' && startsUpper(w[2:]) }

// postBox takes "P.O. Box 123".
func (sc *scan) postBox(start, end int) {
	text := sc.text
	b := wordsBefore(text, start)
	first := b.next()
	switch {
	case isWord(first, "po"), isWord(first, "pob"):
	case isWord(first, "o"):
		if first = b.next(); !isWord(first, "p") {
			return
		}
	case isWord(first, "office"):
		if first = b.next(); !isWord(first, "post") {
			return
		}
	default:
		return
	}
	c, _ := chunkAfter(text, end)
	if c.end > c.start && isHouse(text[c.start:c.end]) {
		sc.hit(b.pos, placeEnd(text, c.end), addressScore, "po-box")
	}
}

// zipCode takes the postal code behind a word for it.
func (sc *scan) zipCode(end int) {
	at := valueAfter(sc.text, end)
	if at < 0 {
		return
	}
	to := at
	for to < len(sc.text) && (isAlnum(sc.text[to]) || sc.text[to] == '-') {
		to++
	}
	if to-at == 3 && allDigits(sc.text[at:to]) && pairFollows(sc.text, to) {
		sc.hit(at, to+3, 0.7, "postcode-context")
	} else if isZip(sc.text[at:to]) {
		sc.hit(at, to, 0.7, "postcode-context")
	} else if p := postcodeAt(sc.text, at); p > 0 {
		sc.hit(at, p, 0.75, "postcode-context")
	}
}
