package detect

import (
	"unicode"
	"unicode/utf8"
)

// emailDetector finds local@domain.tld (RFC 5322 addr-spec without comments,
// RFC 6531 letters). Addresses under ".invalid" (RFC 2606) can reach nobody and
// are what the masker writes; they are no finding.
type emailDetector struct{}

func newEmail(string) (detector, error) { return emailDetector{}, nil }

// maxLocal bounds a quoted local part, in bytes.
const maxLocal = 64

func (emailDetector) look(sc *scan) {
	end, ok := domainEnd(sc.text, sc.atEnd)
	if !ok {
		return
	}
	start := localStart(sc.text, sc.at)
	if start == sc.at {
		return
	}
	// "a@b.com@c.com": one finding, or the rest of it would stay behind.
	if n := len(sc.hits); n > 0 {
		if last := &sc.hits[n-1]; last.Class == Email && start <= last.End {
			last.End = end
			return
		}
	}
	sc.hit(start, end, 0.95, "addr-spec")
}

// localStart is where the local part that ends at end begins, end when there is
// none. Everything addr-spec allows belongs to it except punctuation in front.
func localStart(text []byte, end int) int {
	if end > 0 && text[end-1] == '"' {
		for i := end - 2; i >= 0 && i >= end-maxLocal; i-- {
			if text[i] == '"' {
				return i
			}
		}
		return end
	}
	i := end
	for i > 0 {
		if text[i-1] < utf8.RuneSelf {
			if !isLocal(text[i-1]) {
				break
			}
			i--
			continue
		}
		r, w := utf8.DecodeLastRune(text[:i])
		if !isWordRune(r) {
			break
		}
		i -= w
	}
	for i < end && text[i] < utf8.RuneSelf && !isAlnum(text[i]) && text[i] != '_' && text[i] != '+' {
		i++
	}
	return behindField(text, i, end)
}

// behindField steps over what is legal in a local part but in practice stands
// between fields: the path and query of a URL, "name|", "email=".
func behindField(text []byte, start, end int) int {
	from, key := start, true
	for i := start; i < end-1; i++ {
		switch c := text[i]; {
		case c == '|', c == '/', c == '?', c == '&', c == '{', c == '}', c == '`', c == '=' && key:
			from, key = i+1, true
		case !isLetter(c) && c != '_' && c != '-':
			key = false
		}
	}
	return from
}

func isLocal(c byte) bool {
	if isAlnum(c) {
		return true
	}
	switch c {
	case '.', '_', '-', '+', '!', '#', '$', '%', '&', '\'', '*', '/', '=', '?', '^', '`', '{', '|', '}', '~':
		return true
	}
	return false
}

// isWordRune: letters, marks and digits of any script, and the joiners that
// some of them need.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r >= 0x200B && r <= 0x200D || r == 0xAD
}

// domainEnd reads the domain at i: labels with dots between, of which the last
// is a top-level domain. It is not ok for a single label and under ".invalid".
func domainEnd(text []byte, i int) (end int, ok bool) {
	for first := true; i < len(text); first = false {
		e, top := labelEnd(text, i)
		if e == i {
			break
		}
		if !first && top > i {
			end, ok = top, !isInvalidTLD(text[i:top])
		}
		w := dotAt(text, e)
		if w == 0 {
			break
		}
		i = e + w
	}
	return end, ok
}

// labelEnd reads one label. top is where the top-level domain ends that the
// label is, or begins with: two letters or more, or "xn--…". A digit or hyphen
// behind the letters is not part of it ("x@example.com-2"). It is i when there
// is none.
func labelEnd(text []byte, i int) (end, top int) {
	start, letters := i, 0
	top = start
	plain := true
	for i < len(text) {
		r, w := runeAt(text, i)
		switch {
		case r < utf8.RuneSelf && isLetter(byte(r)) || r >= utf8.RuneSelf && isWordRune(r):
			letters++
			i += w
			if plain && letters >= 2 {
				top = i
			}
			continue
		case r < utf8.RuneSelf && isDigit(byte(r)), r == '-', r == '_':
			plain = false
			i += w
			continue
		}
		break
	}
	for i > start && (text[i-1] == '-' || text[i-1] == '_') {
		i--
	}
	if l := text[start:i]; len(l) > 4 && lower(l[0]) == 'x' && lower(l[1]) == 'n' && l[2] == '-' && l[3] == '-' {
		top = i
	}
	return i, top
}

func isInvalidTLD(label []byte) bool {
	const invalid = "invalid"
	if len(label) != len(invalid) {
		return false
	}
	for i := range label {
		if lower(label[i]) != invalid[i] {
			return false
		}
	}
	return true
}

// dotAt is the width of the dot at i, 0 when there is none.
func dotAt(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	if text[i] == '.' {
		return 1
	}
	if text[i] >= utf8.RuneSelf {
		switch r, w := utf8.DecodeRune(text[i:]); r {
		case '。', '．', '｡':
			return w
		}
	}
	return 0
}
