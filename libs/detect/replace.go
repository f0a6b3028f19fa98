package detect

// plainRounds is how often Replace asks repl before it stops trusting it.
const plainRounds = 4

// withheld stands for a finding whose replacement is itself a finding.
const withheld = "[MASKED]"

// Replace appends text to dst with every finding replaced by repl of its class
// ("[PHONE]") and returns it. The result holds no finding: taking one out can
// make another of what is left around it, so it is searched again until there
// is none. A repl whose own text is a finding is overruled with "[MASKED]".
// dst must not overlap text.
func (s *Set) Replace(dst []byte, text []byte, repl func(Class) string) []byte {
	var buf [8]Span
	spans := s.Find(buf[:0], text)
	if len(spans) == 0 {
		return append(dst, text...)
	}
	base := len(dst)
	dst = splice(dst, text, spans, repl)
	// Every round of the second kind removes at least one digit or at sign and
	// adds none, so the loop ends.
	var round []byte
	for n := 1; ; n++ {
		spans = s.Find(spans[:0], dst[base:])
		if len(spans) == 0 {
			return dst
		}
		if n >= plainRounds {
			repl = func(Class) string { return withheld }
		}
		round = splice(round[:0], dst[base:], spans, repl)
		dst = append(dst[:base], round...)
	}
}

func splice(dst, text []byte, spans []Span, repl func(Class) string) []byte {
	at := 0
	for _, sp := range spans {
		dst = append(dst, text[at:sp.Start]...)
		dst = append(dst, repl(sp.Class)...)
		at = sp.End
	}
	return append(dst, text[at:]...)
}
