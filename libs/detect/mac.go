package detect

// macDetector finds hardware addresses of network cards (IEEE 802, EUI-48 and
// EUI-64): pairs of hex digits with colons or hyphens between, or groups of four
// with dots. Digits alone are sure only with a word for them.
type macDetector struct{}

var macWords = wordSet("mac", "bssid", "ethernet", "hardware", "hwaddr", "device", "wifi", "router", "physical")

func (macDetector) look(sc *scan) {
	switch mark := sc.text[sc.at]; mark {
	case ':', '-':
		sc.macAt(sc.at-2, 2, mark)
	case '.':
		sc.macAt(sc.at-4, 4, mark)
	}
}

// macAt looks for an address that begins at start, of groups so wide.
func (sc *scan) macAt(start, width int, mark byte) {
	text := sc.text
	if start < 0 || !wordStart(text, start) || start > 0 && text[start-1] == mark {
		return
	}
	end, letters, digits, equal := start, 0, 0, true
	for n := 0; ; n++ {
		if n > 0 {
			if end >= len(text) || text[end] != mark {
				break
			}
			end++
		}
		if end+width > len(text) {
			return
		}
		for i := range width {
			c := text[end+i]
			switch {
			case isDigit(c):
				digits++
			case isHex(c):
				letters++
			default:
				return
			}
			equal = equal && lower(c) == lower(text[start])
		}
		end += width
	}
	size := letters + digits
	if size != 12 && size != 16 || end < len(text) && isAlnum(text[end]) || equal {
		return
	}
	switch {
	case macWords.has(wordBefore(text, start)):
		sc.hit(start, end, 0.95, "mac")
	case letters > 0 && digits > 0:
		sc.hit(start, end, 0.92, "mac")
	case mark == ':':
		sc.hit(start, end, 0.6, "mac-digits")
	}
}

// wordBefore is the nearest word before pos that is not one for "address", nil for none.
func wordBefore(text []byte, pos int) []byte {
	b := wordsBefore(text, pos)
	w := b.next()
	for n := 0; n < 2 && (isWord(w, "address") || isWord(w, "addr") || isWord(w, "is")); n++ {
		w = b.next()
	}
	return w
}

// isPairs reports pairs of characters with mark between.
func isPairs(w []byte, mark byte) bool {
	for i, c := range w {
		if (i%3 == 2) != (c == mark) {
			return false
		}
	}
	return len(w)%3 == 2
}
