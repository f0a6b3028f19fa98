package masker

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/maskrail/maskrail/libs/detect"
)

// What follows does what a scrub does in the way that the rules are told, without a short cut.

// scrubSlowly is scrub.rewrite for one text and the values of its record.
func scrubSlowly(set *detect.Set, context []mention, values [][]byte, text []byte, c *canonicaliser) []byte {
	find := func(found []passage, text []byte) []passage {
		for _, sp := range set.Find(nil, text) {
			found = append(found, passage{sp.Start, sp.End, classLabel(sp.Class)})
		}
		for i, m := range context {
			if len(values[i]) > 0 {
				found = mentionsSlowly(found, text, m, values[i], c)
			}
		}
		return found
	}
	found := find(nil, text)
	if u := (plainText{}); u.read(text) {
		for _, p := range find(nil, u.bytes) {
			found = append(found, u.passage(p))
		}
	}
	if len(found) == 0 {
		return text
	}
	out, _ := cut(nil, text, found)
	return set.Replace(nil, out, classLabel)
}

func mentionsSlowly(found []passage, text []byte, m mention, own []byte, c *canonicaliser) []passage {
	var hay, value folded
	foldSlowly(&hay, text)
	foldSlowly(&value, own)
	needle := bytes.Trim(value.bytes, " ")
	found = wordsSlowly(found, &hay, needle, m.label)
	if m.kind == nameMention && leadsToDigit(number(own)) {
		m.kind = phoneMention
	}
	switch m.kind {
	case nameMention:
		parts := bytes.Split(needle, []byte(" "))
		if len(parts) > maxNameParts {
			s := search{text: text, tally: detect.Count(text)}
			return s.anyWord(found, needle, m.label)
		}
		for _, part := range parts {
			if len(part) < len(needle) {
				found = wordsSlowly(found, &hay, bytes.Trim(part, ".,"), m.label)
			}
		}
		return found
	case emailMention:
		return found
	}
	var numbers [][]byte
	if m.kind == phoneMention {
		if d, ok := c.phone(own); ok {
			d = bytes.Clone(d)
			national := d[countryCode(d):]
			numbers = append(numbers, d, national)
			if d[0] == '1' && len(national) == 10 {
				numbers = append(numbers, national[3:])
			}
		}
	}
	if d, ok := onlyDigits(nil, own); ok {
		numbers = append(numbers, d)
	}
	var stream digitStream
	stream.readUnicode(text)
	for _, n := range numbers {
		found = numberSlowly(found, &stream, n, m.label)
	}
	return found
}

func wordsSlowly(found []passage, hay *folded, needle []byte, label string) []passage {
	if utf8.RuneCount(needle) < minMention {
		return found
	}
	own := len(found)
	for at := 0; at+len(needle) <= len(hay.bytes); at++ {
		if end := at + len(needle); bytes.HasPrefix(hay.bytes[at:], needle) && hay.free(at) && hay.free(end) {
			from, to := hay.span(at, end)
			found = join(found, own, passage{from, to, label})
		}
	}
	return found
}

func numberSlowly(found []passage, d *digitStream, number []byte, label string) []passage {
	if len(number) < minMentionDigits {
		return found
	}
	own := len(found)
	for first := 0; first+len(number) <= len(d.digits); first++ {
		if !bytes.HasPrefix(d.digits[first:], number) {
			continue
		}
		from, last := first, first+len(number)-1
		if from > 0 && d.digits[from-1] == '0' && d.places[from-1].end == d.places[from].start {
			from--
		}
		if len(number) >= unambiguous || !d.adjoins(from-1) && !d.adjoins(last) {
			found = join(found, own, passage{int(d.places[from].start), int(d.places[last].end), label})
		}
	}
	return found
}

// foldSlowly is folded.fold, character by character.
func foldSlowly(f *folded, text []byte) {
	f.bytes, f.from = f.bytes[:0], f.from[:0]
	gap := false
	if ascii(text) {
		for i, c := range text {
			switch {
			case c == ' ' || c == '-' || c >= '\t' && c <= '\r':
				if c = ' '; gap {
					continue
				}
			case c >= 'A' && c <= 'Z':
				c += 'a' - 'A'
			case c == 0:
				c = 1
			}
			gap = c == ' '
			f.put(c, i)
		}
	} else {
		f.iter.Init(norm.NFKD, text)
		for !f.iter.Done() {
			from := f.iter.Pos()
			for _, r := range bytes.Runes(f.iter.Next()) {
				switch {
				case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
					continue
				case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r):
					if r = ' '; gap {
						continue
					}
				}
				gap = r == ' '
				plain, ok := plainLetters[unicode.ToLower(r)]
				if !ok {
					plain = string(unicode.ToLower(r))
				}
				for i := range len(plain) {
					f.put(plain[i], from)
				}
			}
		}
	}
	f.from = append(f.from, int32(len(text)))
}
