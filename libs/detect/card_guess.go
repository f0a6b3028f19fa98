package detect

// cardGuess takes numbers of 12 to 19 digits behind a word for a card, Luhn valid, of
// lengths and ranges that networks do not publish: old Maestro cards have 12 digits.
type cardGuess struct{}

const (
	minShortPAN = 12
	// cardReach is how many bytes the word may be away.
	cardReach = 48
)

var cardWords = wordSet("card", "cards", "visa", "mastercard", "maestro", "amex", "jcb", "diners", "discover", "cc", "debit", "credit", "charge", "charged", "charging", "pay", "paid", "pan")

func (cardGuess) look(sc *scan) {
	gs := sc.groups
	if n := len(sc.hits); n > 0 && sc.hits[n-1].End > gs[0].start {
		return // it is one that the networks publish, or holds something else
	}
	for a := range gs {
		b := a
		for b+1 < len(gs) && gs[b+1].to-gs[a].from <= maxPAN {
			b++
		}
		start := gs[a].start
		for ; b >= a; b-- {
			n, end := gs[b].to-gs[a].from, gs[b].end
			if n < minShortPAN || n > maxPAN || !sc.luhn(gs[a].from, gs[b].to) {
				continue
			}
			if !wordNear(sc.text, start, cardReach, cardWords) {
				break // of no number from here on
			}
			if onlyGaps(gs[a+1:b+1], cardGaps) && panShape(sc, a, b) && leftFree(sc.text, start, b > a, cardGlued) && rightFree(sc.text, end, b > a, cardGlued) && cueBefore(sc.text, start, false) != cueRef {
				sc.hit(start, end, 0.45, "luhn-context")
				return
			}
		}
	}
}

func onlyGaps(gs []group, k gap) bool {
	for _, g := range gs {
		if !g.only(k) {
			return false
		}
	}
	return true
}

// wordNear reports one of these words within so many bytes before pos.
func wordNear(text []byte, pos, reach int, these *words) bool {
	b := wordsBefore(text, pos)
	b.low = max(0, pos-reach)
	for w := b.next(); w != nil; w = b.next() {
		if these.has(w) {
			return true
		}
	}
	return false
}
