package detect

// term is a word of a text.
type term struct {
	start, end int
	key        wordKey16 // of its letters, without accents; zero for more than 16
	capital    bool      // the first letter is one
}

// readWord reads the word that begins with the letter at i. Camel case is several
// words. Letters outside ASCII belong to it.
func readWord(text []byte, i int) term {
	t := term{start: i, capital: isUpper(text[i])}
	first := load8(text, i)
	low, n := lowerLetters(first)
	if n == 0 {
		return readWideWord(text, i)
	}
	humps := capitals(first, n) >> 8 // the first letter is no matter
	t.key.low = low & firstBytes(n)
	t.end = i + n
	if n == 8 {
		second := load8(text, i+8)
		low, n = lowerLetters(second)
		humps |= capitals(second, n)
		t.key.high = low & firstBytes(n)
		if t.end += n; n == 8 && t.end < len(text) && isLetter(text[t.end]) {
			t.key = wordKey16{}
			if humps != 0 { // the rest is not read again for each word of a long run
				if end := humpEnd(text[i : t.end+1]); end > 0 {
					t.end = i + end
					t.key = keyOfBytes(text[i:t.end])
					return t
				}
			}
			for t.end < len(text) && isLetter(text[t.end]) {
				t.end++
			}
		}
	}
	if t.end < len(text) && text[t.end] >= 0x80 {
		if wide := readWideWord(text, i); wide.end > t.end {
			return wide
		}
	}
	if humps != 0 {
		if end := humpEnd(text[t.start:t.end]); end > 0 {
			t.end = i + end
			t.key = keyOfBytes(text[i:t.end])
		}
	}
	return t
}

// humpEnd is where the second word of camel case begins, 0 when there is one word.
func humpEnd(w []byte) int {
	for i := 1; i < len(w); i++ {
		if isUpper(w[i]) && (!isUpper(w[i-1]) || i+1 < len(w) && !isUpper(w[i+1])) {
			return i
		}
	}
	return 0
}
