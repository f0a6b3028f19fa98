package detect

// Lengths of a primary account number looked for. Twelve-digit Maestro numbers
// are left out: they cannot be told from other numbers.
const (
	minPAN = 13
	maxPAN = 19
)

// cardDetector finds payment cards: 13 to 19 digits, Luhn valid (ISO/IEC 7812-1),
// of a known issuer range and length. Epoch milliseconds never pass: no issuer
// begins with 1.
type cardDetector struct{}

func newCard(string) (detector, error) { return cardDetector{}, nil }

const cardGaps = gapSpace | gapDash | gapDot | gapUnder

// cardGlued are words met right beside a card without a space.
var cardGlued = wordSet(
	"card", "cards", "cardno", "cardnumber", "ccn", "cc", "pan", "visa", "mastercard", "mc", "amex", "discover",
	"diners", "jcb", "maestro", "number", "no", "num", "is", "exp", "expires", "expiry", "cvv", "cvc", "cid",
	"and", "zip",
)

func (cardDetector) look(sc *scan) {
	for a := range sc.groups {
		if !startsPAN(sc.digits[sc.groups[a].from]) {
			continue
		}
		if start, end := longestPAN(sc, a); end > 0 {
			sc.hit(start, end, 0.98, "luhn")
			if sc.done() {
				return
			}
		}
	}
}

func startsPAN(d byte) bool { return d >= 2 && d <= 6 || d == 8 }

// longestPAN is the longest card that begins with group a; end is 0 when none does.
func longestPAN(sc *scan, a int) (start, end int) {
	gs := sc.groups
	start = gs[a].start
	left := [2]int8{} // leftFree for bare and formatted, asked once: 0 unknown, 1 yes, -1 no
	for b := a; b < len(gs); b++ {
		if b > a && !gs[b].only(cardGaps) {
			break
		}
		n := gs[b].to - gs[a].from
		if n > maxPAN {
			break
		}
		if n < minPAN || !sc.luhn(gs[a].from, gs[b].to) || !knownIssuer(sc.digits[gs[a].from:gs[b].to]) || !panShape(sc, a, b) {
			continue
		}
		formatted := 0
		if b > a {
			formatted = 1
		}
		if left[formatted] == 0 {
			left[formatted] = -1
			if leftFree(sc.text, start, b > a, cardGlued) {
				left[formatted] = 1
			}
		}
		if left[formatted] > 0 && rightFree(sc.text, gs[b].end, b > a, cardGlued) {
			end = gs[b].end
		}
	}
	return start, end
}

// panShape reports that groups a to b are divided as people and machines divide
// a card: not at all, into parts of four or more with a rest, or into parts of
// equal size with a rest. Lists of other numbers seldom are.
func panShape(sc *scan, a, b int) bool {
	gs := sc.groups
	// The fraction of a decimal number is no card.
	if a > 0 && gs[a].lone(gapDot) && (a == b || !gs[a+1].lone(gapDot)) {
		return false
	}
	if a == b {
		return true
	}
	size := gs[a].len()
	even, long, dots, others := true, size >= 4, false, false
	for i := a + 1; i <= b; i++ {
		n := gs[i].len()
		dots, others = dots || gs[i].lone(gapDot), others || !gs[i].lone(gapDot)
		if i < b {
			even = even && n == size
			long = long && n >= 4
		} else {
			even = even && n <= size
		}
	}
	whole := a == 0 && b == len(gs)-1
	switch {
	case long:
		return true
	case !even, dots && others: // two addresses of machines
		return false
	case size == 3:
		return whole && !dots // addresses of machines are divided so too
	}
	// Read out digit by digit or in pairs: a common length, or the whole chain.
	n := gs[b].to - gs[a].from
	return whole || n == 15 || n == 16
}

// issuer is a range of leading digits with the lengths its cards have.
type issuer struct {
	low, high int // first six digits
	lengths   uint32
}

func lengths(ns ...int) (set uint32) {
	for _, n := range ns {
		set |= 1 << n
	}
	return set
}

// issuers are the ranges of the card networks, as they publish them.
var issuers = []issuer{
	{400000, 499999, lengths(13, 16, 19)},                 // Visa
	{510000, 559999, lengths(16)},                         // Mastercard
	{222100, 272099, lengths(16)},                         // Mastercard, second series
	{220000, 220499, lengths(16, 17, 18, 19)},             // Mir
	{340000, 349999, lengths(15)},                         // American Express
	{370000, 379999, lengths(15)},                         // American Express
	{601100, 601199, lengths(16, 17, 18, 19)},             // Discover
	{644000, 659999, lengths(16, 17, 18, 19)},             // Discover, RuPay
	{300000, 305999, lengths(14, 16, 17, 18, 19)},         // Diners Club
	{309500, 309599, lengths(14, 16, 17, 18, 19)},         // Diners Club
	{360000, 369999, lengths(14, 15, 16, 17, 18, 19)},     // Diners Club
	{380000, 399999, lengths(14, 16, 17, 18, 19)},         // Diners Club
	{352800, 358999, lengths(16, 17, 18, 19)},             // JCB
	{620000, 629999, lengths(16, 17, 18, 19)},             // UnionPay
	{810000, 817199, lengths(16, 17, 18, 19)},             // UnionPay
	{500000, 509999, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro, RuPay
	{560000, 599999, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
	{600000, 609999, lengths(16, 17, 18, 19)},             // RuPay, Maestro
	{630000, 639999, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
	{670000, 679999, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
}

func knownIssuer(d []byte) bool {
	six := 0
	for _, v := range d[:6] {
		six = six*10 + int(v)
	}
	for _, is := range issuers {
		if six >= is.low && six <= is.high && is.lengths&(1<<len(d)) != 0 {
			return true
		}
	}
	return false
}
