package detect

import (
	"slices"
	"unicode/utf8"
)

// view is a text in other words, with where each of its bytes comes from.
type view struct {
	text     []byte
	from, to []int32 // of each byte: the bytes [from,to) of the source
	changed  []bool  // it is not as it was
}

func (v *view) reset() {
	v.text, v.from, v.to, v.changed = v.text[:0], v.from[:0], v.to[:0], v.changed[:0]
}

// put appends a byte that stands for [from,to) of the source.
func (v *view) put(c byte, from, to int, changed bool) {
	v.text = append(v.text, c)
	v.from, v.to = append(v.from, int32(from)), append(v.to, int32(to))
	v.changed = append(v.changed, changed)
}

// copy appends the source's bytes [from,to) as they are.
func (v *view) copy(source []byte, from, to int) {
	at, n := len(v.text), to-from
	v.text = append(v.text, source[from:to]...)
	v.from, v.to, v.changed = slices.Grow(v.from, n)[:at+n], slices.Grow(v.to, n)[:at+n], slices.Grow(v.changed, n)[:at+n]
	clear(v.changed[at:])
	for i := range n {
		v.from[at+i], v.to[at+i] = int32(from+i), int32(from+i+1)
	}
}

// searchView looks for findings in the view and reports those that have a changed
// byte in them: the others are found in the source. spoken says that the view has
// digits for spoken numbers.
func (s *Set) searchView(sc *scan, v *view, spoken bool) {
	in := s.begin(v.text, false)
	in.spoken = spoken
	if s.words {
		s.walkWords(in)
	} else {
		s.walk(in)
	}
	for _, h := range in.hits {
		if !v.touched(h.Start, h.End) {
			continue
		}
		h.Start, h.End = int(v.from[h.Start]), int(v.to[h.End-1])
		if spoken {
			h.Reason = spokenReason
		}
		sc.hits = append(sc.hits, h)
	}
	s.end(in)
}

func (v *view) touched(start, end int) bool {
	for _, c := range v.changed[start:end] {
		if c {
			return true
		}
	}
	return false
}

// withoutInvisible searches the text without the runes that cannot be seen, which
// otherwise divide words: zero-width spaces and joiners, soft hyphens, marks of
// direction. The byte behind one counts as changed.
func (s *Set) withoutInvisible(sc *scan) {
	if !hasInvisible(sc.text) {
		return
	}
	v := &sc.view
	v.reset()
	changed := false
	for i := 0; i < len(sc.text); {
		r, w := runeAt(sc.text, i)
		if r >= utf8.RuneSelf && runeGap(r) == gapNothing {
			changed = len(v.text) > 0
		} else {
			for j := range w {
				v.put(sc.text[i+j], i+j, i+j+1, changed)
			}
			changed = false
		}
		i += w
	}
	s.searchView(sc, v, false)
}

func hasInvisible(text []byte) bool {
	for i := 0; i < len(text); {
		if text[i] < 0xC2 {
			i++
			continue
		}
		r, w := utf8.DecodeRune(text[i:])
		if runeGap(r) == gapNothing {
			return true
		}
		i += w
	}
	return false
}
