package detect

import "bytes"

// addressGuess guesses addresses by their build, in languages whose words for streets
// it does not know: a number beside words with capitals, and around them what addresses
// have: "lives at" before, a flat, a town behind a comma or on the next line, a state, a
// country, a postal code. Two of these make one.
type addressGuess struct{}

const (
	addressGuessScore  = 0.4
	addressGuessReason = "address-guess"
	// enoughSigns is how many signs of an address make one.
	enoughSigns = 2
)

// block is an address as it is read.
type block struct {
	text       []byte
	start, end int
	signs      int
}

func (addressGuess) look(sc *scan) {
	text := sc.text
	to := houseEnd(text, sc.at)
	if to == 0 {
		return
	}
	b := block{text: text, start: sc.at, end: to}
	if b.behindNumber() || b.beforeNumber(sc.at) {
		b.tail()
		if b.signs < enoughSigns {
			b.ahead()
		}
		if b.signs >= enoughSigns {
			sc.hit(b.start, b.end, addressGuessScore, addressGuessReason)
		}
	}
}

// mayBeHouse reports digits [start,end) that may be a house's number: up to six, and a
// word with a capital before or behind them.
func mayBeHouse(text []byte, start, end int) bool {
	if end-start > 6 || start > 0 && isChunk(text[start-1]) {
		return false
	}
	return end+2 < len(text) && streetMayFollow(text[end], text[end+1], text[end+2]) || start > 3 && text[start-1] == ' ' && capitalNear(text, start-1, end-start < 4)
}

// streetMayFollow reports a capital behind a number, or a letter, comma or slash that
// belongs to it.
func streetMayFollow(a, b, c byte) bool {
	switch {
	case a == ' ':
		return isUpper(b) || b >= 0x80
	case a == ',', isLetter(a):
		return b == ' ' && (isUpper(c) || c >= 0x80)
	}
	return a == '/' && isDigit(b)
}

// capitalNear reports a capital at the front of the word that ends at end, or, when far,
// of the one before it. States and other words of two letters are no streets.
func capitalNear(text []byte, end int, far bool) bool {
	at := end
	for range 2 {
		for at > 0 && end-at < 2*maxWord && text[at-1] > ' ' && !isDigit(text[at-1]) {
			at--
		}
		if at == end || isUpper(text[at]) || text[at] >= 0x80 {
			return end-at > 2
		}
		if at--; !far || at < 1 || end-at < 4 {
			return false
		}
		end = at
	}
	return false
}

// houseEnd is the end of a house's number at i, 0 when there is none.
func houseEnd(text []byte, i int) int {
	end := i
	for end < len(text) && (isAlnum(text[end]) || text[end] == '/' || text[end] == '-') && end-i < 9 {
		end++
	}
	if !isHouse(text[i:end]) || isOrdinal(text[i:end]) || end < len(text) && (text[end] == ':' || text[end] == '%' || text[end] == '_' || text[end] == '@') {
		return 0
	}
	if end+1 < len(text) && text[end] == '.' && isDigit(text[end+1]) {
		return 0
	}
	return end
}

// behindNumber reads the street behind the number: "96 John Circles", "6750 Koskikatu 25".
func (b *block) behindNumber() bool {
	at := b.end
	words, strange, suffix := 0, false, false
	for range maxStreetWords + 1 {
		c, comma := chunkAfter(b.text, at)
		if c.end == c.start || comma || !sameLine(b.text, at, c.start) {
			break
		}
		w := b.text[c.start:c.end]
		if words > 0 && streetKinds.value(w) == streetSure {
			return false // it has a word for a street, which finds it
		}
		last := streetSuffixes.has(w) || streetKinds.value(w) == streetCapital
		if words > 0 && isHouse(w) && houseEnd(b.text, c.start) > 0 && !suffix {
			b.signs, at = b.signs+1, c.end
			break
		}
		inside := words > 0 && !units.has(w) && (last || particles.has(w))
		if !inside && (!streetWord(w) || words > 0 && units.has(w)) {
			break
		}
		words, suffix, strange = words+1, last && words > 0, strange || !isLanguage(w)
		if at = c.end; suffix && startsUpper(w) {
			if next, comma := chunkAfter(b.text, at); comma || next.end == next.start || !streetSuffixes.has(b.text[next.start:next.end]) {
				break
			}
		}
	}
	if words == 0 || words == 1 && suffix || !strange && !suffix {
		return false
	}
	if suffix {
		b.signs++
	}
	b.end = at
	return true
}

// smallStreet guesses streets in small letters behind a word that announces an address,
// of up to three words and one for a street: "send it to 8455 old post drive".
type smallStreet struct{}

func (smallStreet) look(sc *scan) {
	text, pos := sc.text, sc.at
	if isUpper(text[pos]) {
		return
	}
	for n := range maxStreetWords {
		c, ok := chunkBefore(text, pos, false)
		if !ok || !sameLine(text, c.end, pos) {
			return
		}
		w := text[c.start:c.end]
		if n > 0 && isHouse(w) && !isOrdinal(w) {
			b := block{text: text, start: c.start, end: sc.atEnd}
			if b.ahead(); b.signs >= enoughSigns {
				b.tail()
				sc.hit(b.start, b.end, addressGuessScore, addressGuessReason)
			}
			return
		}
		if isDigit(w[0]) && !isOrdinal(w) || notStreet.has(w) || timeWords.has(w) {
			return
		}
		pos = c.start
	}
}

// streetWord reports a word that a street's name can have.
func streetWord(w []byte) bool {
	return startsUpper(w) && !timeWords.has(w) && !months.has(w) && !isDigit(w[0])
}

// isLanguage reports a word of the language, which alone names no street.
func isLanguage(w []byte) bool {
	if i := bytes.IndexAny(w, "-'"); i > 0 {
		w = w[:i]
	}
	key := plainKey(w)
	return gazetteer().of(key)&ordinary != 0 || englishWords().has(key)
}

// beforeNumber reads the street before the number: "Porintie 680", "Borgo Grassi 77".
func (b *block) beforeNumber(number int) bool {
	at, strange, words := number, false, 0
	for range maxStreetWords {
		c, ok := chunkBefore(b.text, at, false)
		if !ok || !sameLine(b.text, c.end, at) || b.text[c.end] == '.' && c.end-c.start > 3 {
			break
		}
		w := b.text[c.start:c.end]
		small := words == 0 && !startsUpper(w) && !isDigit(w[0]) && c.end-c.start > 2 && capitalBefore(b.text, c.start) && !isLanguage(w) // "Ilmari katu"
		inside := words > 0 && particles.has(w)
		if !small && !inside && !streetWord(w) || units.has(w) || nameKinds.value(w) > 0 && words > 0 {
			break
		}
		words, strange, at = words+1, strange || !isLanguage(w), c.start
	}
	for at < number && !startsUpper(b.text[at:]) { // a particle begins no name
		if n := bytes.IndexByte(b.text[at:number], ' '); n > 0 {
			at += n + 1
			continue
		}
		return false
	}
	if words == 0 || !strange || at == number {
		return false
	}
	b.start = at
	return true
}

// capitalBefore reports a word with a capital before the one at start.
func capitalBefore(text []byte, start int) bool {
	c, ok := chunkBefore(text, start, false)
	return ok && startsUpper(text[c.start:c.end])
}

func sameLine(text []byte, from, to int) bool { return bytes.IndexByte(text[from:to], '\n') < 0 }

// tail reads what follows the street.
func (b *block) tail() {
	if end := unitAfter(b.text, b.end); end > b.end {
		b.end, b.signs = end, b.signs+enoughSigns
	}
	at := b.end
	for n := range 8 {
		c, comma := chunkAfter(b.text, at)
		if c.end == c.start || c.start == at || b.text[at] == '.' && n > 0 {
			return
		}
		w := b.text[c.start:c.end]
		apart := comma || !sameLine(b.text, at, c.start)
		code := postcodeAt(b.text, c.start)
		if c.end-c.start == 3 && allDigits(w) && pairFollows(b.text, c.end) { // "304 94"
			code = c.end + 3
		}
		switch {
		case code > 0 || isZip(w) || (n > 0 || apart) && isPostal(w):
			if b.end = max(c.end, code); n > 0 {
				b.signs += enoughSigns
				return
			}
			if next, _ := chunkAfter(b.text, b.end); apart && next.end > next.start && startsUpper(b.text[next.start:next.end]) {
				b.signs++
			}
			b.signs++
		case len(w) == 2 && isUpper(w[0]) && isUpper(w[1]) && usStates.has(w):
			b.end, b.signs = c.end, b.signs+1
		case !startsUpper(w):
			if n == 0 || apart || !townLinks.has(w) && isLanguage(w) {
				return
			}
			if !townLinks.has(w) {
				b.end = c.end
			}
		case n == 0 && !apart && b.signs < enoughSigns || months.has(w) || timeWords.has(w) || apart && lookUp(w) == cuePhone || nameKinds.value(w) > 0:
			return
		case isLanguage(w) && !townWords.has(w) && !apart:
			return
		default:
			if n == 0 && apart || gazetteer().of(plainKey(w))&place != 0 {
				b.signs++
			}
			b.end = c.end
		}
		at = c.end
	}
}

// pairFollows reports a space and two digits at i.
func pairFollows(text []byte, i int) bool {
	return i+2 < len(text) && text[i] == ' ' && isDigit(text[i+1]) && isDigit(text[i+2]) && (i+3 == len(text) || !isAlnum(text[i+3]))
}

// townWords are words of the language that names of towns and countries have, and
// townLinks those in small letters that join them.
var (
	townWords = wordSet("north", "south", "east", "west", "new", "port", "lake", "islands", "island", "saint", "republic", "united", "kingdom", "states", "upper", "lower", "great", "bad", "mount", "isle", "man", "fort", "cape", "bay")
	townLinks = wordSet("of", "and", "the", "am", "an", "der", "a", "de", "la", "le", "du", "del", "di", "nad", "pod", "v", "na", "u", "im", "in", "bei", "aan", "den", "sur", "sous", "les", "vorm", "gem", "ob", "da", "do", "upon", "on")
)

// isPostal reports digits and capitals of a postal code of any country.
func isPostal(w []byte) bool {
	digits := 0
	for _, c := range w {
		switch {
		case isDigit(c):
			digits++
		case !isUpper(c) && c != '-':
			return false
		}
	}
	return digits > 1 && len(w) >= 3 && len(w) <= 10
}

// ahead looks for what announces an address, some words before it.
func (b *block) ahead() {
	words := wordsBefore(b.text, b.start)
	for range 4 {
		w := words.next()
		switch {
		case w == nil || words.dot:
			return
		case addressCues.has(w), addressVerbs.has(w):
			b.signs += enoughSigns
			return
		case words.crossed || !addressLinks.has(w):
			return
		}
	}
}

var (
	addressCues  = wordSet("address", "addresses", "addr", "located", "residence", "resides", "adresse", "anschrift", "direccion", "live", "lives", "lived", "living", "reside")
	addressLinks = wordSet("is", "are", "was", "it", "my", "her", "him", "them", "me", "us", "back", "over", "out", "be", "new", "now", "the", "s", "at", "to", "on", "in", "is", "from", "by", "near", "into")
	addressVerbs = wordSet("lives", "lived", "live", "living", "located", "moved", "moving", "move", "ship", "shipped", "shipping", "deliver", "delivered", "delivery", "send", "sent", "mail", "mailed",
		"meet", "dispatched", "office", "offices", "return", "address", "stops", "relocated", "resides", "stays", "staying", "taxi", "arrived", "attempted", "go", "goes", "calling", "house", "home", "shop",
		"store", "restaurant", "workshop", "based", "situated", "station", "enter", "stop", "parcel", "package", "come")
)
