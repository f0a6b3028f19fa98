package detect

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// What follows goes over a text as the package comment tells it, byte by byte and without a short cut.

func (s *Set) findSlowly(text []byte) []Span {
	sc := &scan{text: text, parsed: new(parsed)}
	words := s.words || mayBeSpoken(text) && (len(text) > minSpokenRun || bytes.IndexByte(text, ' ') > 0)
	for i := 0; i < len(text); {
		r, w := runeAt(text, i)
		switch {
		case words && isWordLetter(r):
			i = s.wordSlowly(sc, i)
		case digitValue(r) >= 0:
			if words && r < utf8.RuneSelf {
				i = s.number(sc, i)
				continue
			}
			if len(s.onDigits) == 0 {
				i += w
				continue
			}
			i = sc.readChainSlowly(i)
			if len(sc.digits) >= s.minDigits {
				s.run(s.onDigits, sc)
			}
		case r == '@' || r == '＠':
			s.atSign(sc, i, i+w)
			i += w
		case r == '%':
			i = s.percent(sc, i)
		case r == '\\':
			n := escapeLen(text[i:])
			if n == 6 && string(text[i+2:i+6]) == "0040" {
				s.atSign(sc, i, i+n)
			}
			i += n
		case words && strings.ContainsRune(":-.?", r):
			s.mark(sc, i)
			i++
		case r == '[' && words:
			i = labelEndAt(text, i)
		default:
			i += w
		}
	}
	s.small(sc)
	if s.words {
		s.withoutInvisible(sc)
	}
	return sc.resolve(nil)
}

// wordSlowly reads a word letter by letter and looks it up in the lists.
func (s *Set) wordSlowly(sc *scan, i int) int {
	t := readWord(sc.text, i)
	s.capital(sc, t)
	var key []byte
	end := i
	for end < t.end {
		r, w := runeAt(sc.text, end)
		key = append(key, plainLetter(r))
		end += w
	}
	found := cuesSlowly()[string(key)]
	if !t.capital {
		found &^= capitalCues()
	}
	if i > 0 && isDigit(sc.text[i-1]) {
		return end
	}
	found &= s.cues
	sc.at, sc.atEnd = i, end
	for _, e := range s.onWord {
		if e.cue&found != 0 {
			sc.class = e.class
			e.look(sc)
		}
	}
	if found&spokenCue != 0 {
		return s.readSpoken(sc, t)
	}
	return end
}

// cuesSlowly are the words of all lists.
var cuesSlowly = sync.OnceValue(func() map[string]cueBits {
	m, number := map[string]cueBits{}, 0
	for _, def := range registry {
		for _, p := range def.parts {
			if p.on == onWord {
				for _, w := range p.cues() {
					m[w] |= cueBit(number)
				}
			}
			number++
		}
	}
	for _, w := range spokenWords() {
		m[w] |= spokenCue
	}
	return m
})

func capitalCues() (bits cueBits) {
	number := 0
	for _, def := range registry {
		for _, p := range def.parts {
			if p.capital {
				bits |= cueBit(number)
			}
			number++
		}
	}
	return bits
}

func (sc *scan) readChainSlowly(i int) int {
	sc.noChain()
	for g := (group{start: i, plus: plusBefore(sc.text, i)}); ; {
		g.from = len(sc.digits)
		at := g.start
		for at < len(sc.text) {
			r, w := runeAt(sc.text, at)
			if v := digitValue(r); v >= 0 {
				sc.digits = append(sc.digits, byte(v))
				at += w
				g.end = at
				continue
			}
			k, w := gapSlowly(sc.text, at)
			if k != gapNothing || at-g.end > 4*maxUnseen {
				break
			}
			at += w
		}
		g.to = len(sc.digits)
		d := sc.digits[g.from:]
		end := uuidAround(sc.text, g.start, g.end)
		if end == 0 && (len(d) <= 2 && clockPart(sc.text, g.start, g.end) || g.plus && len(d) >= tokenDigits && d[0] == 9 && d[1] == 9 && d[2] == 9) {
			end = g.end
		}
		if end > 0 {
			sc.digits = sc.digits[:g.from]
			return end
		}
		sc.groups = append(sc.groups, g)
		next, seen, unseen := group{start: g.end}, 0, 0
		for {
			k, w := gapSlowly(sc.text, next.start)
			if w == 0 {
				break
			}
			next.gap |= k
			if k == gapNothing {
				unseen++
			} else {
				seen++
				next.plus = k == gapPlus || next.plus && k&(gapSpace|gapParen) != 0
			}
			if seen > maxGap || unseen > maxUnseen {
				return g.end
			}
			next.start += w
		}
		next.seen = seen
		if next.start == g.end || next.start == len(sc.text) {
			return g.end
		}
		if r, _ := runeAt(sc.text, next.start); digitValue(r) < 0 {
			return g.end
		}
		g = next
	}
}

// gapSlowly is gapAt by its words: a rune, or the percent-encoded, JSON-escaped or HTML form of one.
func gapSlowly(text []byte, i int) (gap, int) {
	if i >= len(text) {
		return 0, 0
	}
	rest := text[i:]
	switch {
	case len(rest) >= 3 && rest[0] == '%' && isHex(rest[1]) && isHex(rest[2]):
		if g := runeGap(rune(hexValue(rest[1])<<4 | hexValue(rest[2]))); g != 0 && g != gapNothing {
			return g, 3
		}
		return 0, 0
	case rest[0] == '\\' && escapeLen(rest) == 6:
		r := rune(0)
		for _, h := range rest[2:6] {
			r = r<<4 | rune(hexValue(h))
		}
		if g := runeGap(r); g != 0 {
			return g, 6
		}
		return 0, 0
	case strings.HasPrefix(string(rest), "&nbsp;"):
		return gapSpace, 6
	}
	r, w := utf8.DecodeRune(rest)
	if g := runeGap(r); g != 0 {
		return g, w
	}
	return 0, 0
}

func slowSets(t testing.TB) []*Set {
	return []*Set{setOf(t, "US"), setOf(t, "US", numbers...), setOf(t, "GB", numbers...), setOf(t, "GB", Name, Address, DOB), setOf(t, "US", Card), setOf(t, "US", Email), setOf(t, "US", Phone), setOf(t, "DE", SSN, Email), textSet(t, "US"), textSet(t, "GB", Name)}
}

func sameAsSlowly(t *testing.T, sets []*Set, text []byte) {
	t.Helper()
	for i, s := range sets {
		if got, want := s.Find(nil, text), s.findSlowly(text); !slices.Equal(got, want) {
			t.Fatalf("set %d in %q\ngot  %v\nwant %v", i, text, got, want)
		}
	}
	tally := Tally{}
	for i, c := range text {
		switch {
		case isDigit(c):
			tally.Digits++
		case c >= utf8.RuneSelf:
			tally.Wide++
		}
		if c == '@' || c == '=' || c == '%' || c == '\\' || c == 0xEF {
			tally.Signs++
		}
		for k := range 9 {
			gap, w := gapAt(text, i+k)
			if g, n := gapSlowly(text, i+k); g != gap || n != w {
				t.Fatalf("gap %d of %q: %d of %d bytes, want %d of %d", i+k, text, gap, w, g, n)
			}
		}
	}
	tally.Spoken = mayBeSpoken(text) && (len(text) > minSpokenRun || bytes.IndexByte(text, ' ') > 0)
	if got := Count(text); got != tally || got.Plus(got).Minus(tally) != tally {
		t.Fatalf("tally of %q: got %v, want %v", text, got, tally)
	}
	if tally.Wide > 0 {
		return
	}
	for i := range len(text) + 1 {
		want := i
		for want < len(text) && !isDigit(text[want]) {
			want++
		}
		if got := NextDigit(text, i); got != want {
			t.Fatalf("digit behind %d of %q: %d, want %d", i, text, got, want)
		}
	}
}

// FuzzShortcuts: a text is read in fewer looks than its bytes, and with the same result.
func FuzzShortcuts(f *testing.F) {
	seeds(f)
	sets := slowSets(f)
	f.Fuzz(func(t *testing.T, text []byte) { sameAsSlowly(t, sets, text) })
}

func TestShortcuts(t *testing.T) {
	t.Parallel()
	sets := slowSets(t)
	r := rand.New(rand.NewPCG(9, 10))
	for range 40_000 / effort {
		text := pieceText(r)
		if r.IntN(2) == 0 {
			text += strings.Repeat("prose of many words, ", r.IntN(4)) + pieceText(r)
		}
		sameAsSlowly(t, sets, []byte(text))
	}
}

func TestCountOfLongText(t *testing.T) {
	t.Parallel()
	for _, n := range []int{lane - 9, lane - 8, lane - 1, lane, lane + 1, 5*lane + 3} {
		for piece, each := range map[string]Tally{"1": {Digits: 1}, "@": {Signs: 1}, "é": {Wide: 2}, "＠": {Signs: 1, Wide: 3}, "x": {}} {
			want := Tally{Digits: each.Digits * n, Signs: each.Signs * n, Wide: each.Wide * n}
			got := Count([]byte(strings.Repeat(piece, n)))
			want.Spoken = got.Spoken
			if got != want {
				t.Errorf("%d times %q: got %v, want %v", n, piece, got, want)
			}
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	values := map[string]uint8{}
	for i, w := range strings.Fields("a is no number identification identifications confirmation confirmations confirmationx conversation") {
		values[w] = uint8(i + 1)
	}
	ws := newWords(values)
	ask := slices.Concat(strings.Fields("identificatioN b numbe numbers CONFIRMATION confirmationy identificationz zzzzzzzzzzzzzzzzzzzzzzzzz 1a a1 ä"), []string{""})
	for w := range values {
		ask = append(ask, w, strings.ToUpper(w), w+"a", "a"+w, w[1:])
	}
	r := rand.New(rand.NewPCG(3, 16))
	for range 2000 {
		b := make([]byte, r.IntN(5))
		for i := range b {
			b[i] = "abINOs1@"[r.IntN(8)]
		}
		ask = append(ask, string(b))
	}
	for _, w := range ask {
		want := uint8(0)
		if w == strings.ToLower(w) || isLetter(w[0]) {
			want = values[strings.ToLower(w)]
		}
		if got := ws.value([]byte(w)); got != want {
			t.Errorf("%q: got %d, want %d", w, got, want)
		}
	}
}
