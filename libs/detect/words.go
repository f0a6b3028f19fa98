package detect

// maxWord is the longest word that is looked up, in bytes.
const maxWord = 24

// words maps words to a number above 0. The words around a number are looked up one by one, so the table is made for
// that alone: a word's first letters are its key, which lies at or right behind the place that a hash of it gives.
type words struct {
	slots []wordSlot // a power of two, and most of them free
	shift uint8
}

type wordSlot struct {
	key   uint64
	word  string
	value uint8
}

// keyLetters is how many letters of a word are in its key, five bits each.
const keyLetters = 12

// wordSet maps each of the words, which are of lower-case letters, to 1.
func wordSet(list ...string) *words {
	values := map[string]uint8{}
	for _, w := range list {
		values[w] = 1
	}
	return newWords(values)
}

func newWords(values map[string]uint8) *words {
	bits := uint8(3)
	for 1<<bits < 4*len(values) {
		bits++
	}
	ws := &words{make([]wordSlot, 1<<bits), 64 - bits}
	for word, value := range values {
		key := wordKey([]byte(word))
		i := ws.place(key)
		for ws.slots[i].key != 0 {
			i = (i + 1) % len(ws.slots)
		}
		ws.slots[i] = wordSlot{key, word, value}
	}
	return ws
}

// place spreads the keys by Fibonacci hashing.
func (ws *words) place(key uint64) int { return int(key * 0x9E3779B97F4A7C15 >> ws.shift) }

// wordKey is the length of a word and its first letters, whatever their case; 0 for what is no word.
func wordKey(w []byte) uint64 {
	if len(w) == 0 || len(w) > maxWord {
		return 0
	}
	key := uint64(min(len(w), 15))
	for _, c := range w[:min(len(w), keyLetters)] {
		if !isLetter(c) {
			return 0
		}
		key = key<<5 | uint64(c&31)
	}
	return key
}

// value is the number of w without regard to case, 0 when it is none of the words.
func (ws *words) value(w []byte) uint8 {
	key := wordKey(w)
	if key == 0 {
		return 0
	}
	for i := ws.place(key); ws.slots[i].key != 0; i = (i + 1) % len(ws.slots) {
		if s := &ws.slots[i]; s.key == key && (len(w) <= keyLetters || equalFold(w, s.word)) {
			return s.value
		}
	}
	return 0
}

// list is all of the words.
func (ws *words) list() (list []string) {
	for _, s := range ws.slots {
		if s.key != 0 {
			list = append(list, s.word)
		}
	}
	return list
}

func (ws *words) has(w []byte) bool { return ws.value(w) != 0 }

func equalFold(w []byte, word string) bool {
	if len(w) != len(word) {
		return false
	}
	for i, c := range w {
		if lower(c) != word[i] {
			return false
		}
	}
	return true
}
