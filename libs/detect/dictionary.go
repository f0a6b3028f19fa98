package detect

import (
	_ "embed"
	"strings"
	"sync"
)

// english are the words that a text in English is made of.
//
//go:embed english.txt
var english string

// dictionary tells the words of a language from those that are none, such as most
// names. A word stands in it by 32 bits of its hash, at or right behind the place
// that all of them give once more: one in a hundred million strange words is taken
// for another.
type dictionary struct {
	slots []uint32 // dictionarySize, half of them free
}

var englishWords = sync.OnceValue(func() *dictionary {
	d := &dictionary{make([]uint32, dictionarySize)}
	for line := range strings.Lines(english) {
		if line[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			i, mark := d.place(keyOf(w))
			for d.slots[i] != 0 && d.slots[i] != mark {
				i = (i + 1) % dictionarySize
			}
			d.slots[i] = mark
		}
	}
	return d
})

const (
	dictionaryBits = 17
	dictionarySize = 1 << dictionaryBits
)

func (d *dictionary) place(k wordKey16) (int, uint32) {
	h := k.hash()
	// What two words have in common has no part in where they stand: the first bits of a product are mixed best.
	return int((h ^ h>>32) * 0x9E3779B97F4A7C15 >> (64 - dictionaryBits)), uint32(h>>32) | 1
}

func (d *dictionary) has(k wordKey16) bool {
	i, mark := d.place(k)
	for ; d.slots[i] != 0; i = (i + 1) % dictionarySize {
		if d.slots[i] == mark {
			return true
		}
	}
	return false
}
