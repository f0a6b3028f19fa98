package detect

// phoneGuess takes telephone numbers of plans that are not the region's: behind a word
// for one, with the zero that most of the world dials first, in the brackets and
// hyphens of North America where an area code is not in use, and behind a plus sign
// whatever country it leads to.
type phoneGuess struct{}

const phoneGuessScore = 0.4

// phonePlaces stand before numbers of persons, beside the words that stand for one.
var phonePlaces = wordSet("at", "on", "under", "is", "or", "cb", "office", "home", "work", "desk", "direct", "contact", "number", "with", "from")

func (phoneGuess) look(sc *scan) {
	gs := sc.groups
	if n := len(sc.hits); n > 0 && sc.hits[n-1].Start < gs[len(gs)-1].end && sc.hits[n-1].End > gs[0].start {
		return // something is found in it
	}
	for a := 0; a < len(gs) && len(sc.digits)-gs[a].from >= minPlus; a++ {
		for b := min(len(gs)-1, a+5); b >= a && gs[b].to-gs[a].from >= minPlus; b-- {
			n := gs[b].to - gs[a].from
			plus := gs[a].start > 0 && sc.text[gs[a].start-1] == '+' && n <= maxE164 && !currencyBeside(sc.text, gs[a].start, gs[b].end)
			if !plus && (n < minForeign || n > maxForeign) || !onlyGaps(gs[a+1:b+1], gapSpace|gapDash|gapDot|gapParen|gapSlash) || !plus && !likePhone(sc, a, b, n) {
				continue
			}
			if dateLike(sc, a) || isDecimal(sc, a, b) || !phoneFree(sc, a, b) {
				continue
			}
			end := gs[b].end
			if e := extensionEnd(sc.text, end); e > 0 {
				end = e
			}
			sc.hit(phoneStart(sc.text, gs[a].start, end), end, phoneGuessScore, "phone-guess")
			if a = b; sc.done() {
				return
			}
			break
		}
	}
}

// Lengths of the numbers that are guessed, with the zero before them.
const (
	minPlus    = 8 // behind a plus sign
	minForeign = 9
	maxForeign = 12
)

func likePhone(sc *scan, a, b, n int) bool {
	gs, text := sc.groups, sc.text
	start := gs[a].start
	if start > 0 && (text[start-1] == '-' || isAlnum(text[start-1])) || a > 0 && gs[a].only(gapDash|gapDot) || b+1 < len(gs) && gs[b+1].only(gapDash|gapDot) || b > a+2 && dotted(sc, a, b) {
		return false
	}
	zero := sc.digits[gs[a].from] == 0 && sc.digits[gs[a].from+1] > 0
	likely, placed := false, false
	switch {
	case zero && a == b:
		likely, placed = n == 11, n == 10
	case zero:
		likely = n <= 11 && gs[a].len() > 1 && gs[b].len() > 1
	case n == nanpDigits && b == a+2 && gs[a].len() == 3 && gs[a+1].len() == 3: // of any area
		likely = gs[a+1].gap == gs[b].gap || gs[a+1].gap&gapParen != 0
	case b > a && gs[a].len() <= 4 && gs[b].len() > 1 && sc.digits[gs[a].from] > 1:
		placed = !inList(sc, a, b)
	}
	if currencyBeside(text, start, gs[b].end) || codeBefore(sc, a) {
		return false
	}
	switch cueBefore(text, start, false) {
	case cueRef:
		return false
	case cuePhone:
		return !ssnBefore(text, start)
	}
	return likely || placed && phonePlaces.has(lastWordBefore(text, start))
}
