package detect

import "slices"

// maxWord is the longest word that is looked up, in bytes.
const maxWord = 24

// words maps words to a number above 0. The words around a number are looked up one by one, so the table is made for
// that alone: the key of a word lies at or right behind the place that a hash of it gives.
type words struct {
	slots []wordSlot // a power of two, and most of them free
	shift uint8
	names []string // by wordSlot.name
}

type wordSlot struct {
	key   wordKey16 // of the first letters of a longer word
	name  uint16
	value uint8 // 0 where the place is free
}

// wordSet maps each of the words, which are of lower-case letters, to 1.
func wordSet(list ...string) *words {
	values := map[string]uint8{}
	for _, w := range list {
		values[w] = 1
	}
	return newWords(values)
}

func newWords(values map[string]uint8) *words {
	width := tableBits(4 * len(values))
	ws := &words{slots: make([]wordSlot, 1<<width), shift: 64 - width}
	for word, value := range values {
		key, ok := lettersKey([]byte(word))
		if !ok {
			continue // nothing that is looked up is like it
		}
		i := ws.place(key)
		for ws.slots[i].value != 0 {
			i = (i + 1) & (len(ws.slots) - 1)
		}
		ws.slots[i] = wordSlot{key, uint16(len(ws.names)), value}
		ws.names = append(ws.names, word)
	}
	return ws
}

func (ws *words) place(k wordKey16) int { return int(k.hash() >> ws.shift) }

// value is the number of w without regard to case, 0 when it is none of the words.
func (ws *words) value(w []byte) uint8 {
	key, ok := lettersKey(w)
	if !ok {
		return 0
	}
	for i := ws.place(key); ; i = (i + 1) & (len(ws.slots) - 1) {
		s := &ws.slots[i]
		if s.value == 0 || s.key == key && (len(w) < keyLetters || equalFold(w, ws.names[s.name])) {
			return s.value
		}
	}
}

// list is all of the words.
func (ws *words) list() []string { return slices.Clone(ws.names) }

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
