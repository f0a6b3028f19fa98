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
// that others give: one in a hundred million strange words is taken for another.
type dictionary struct {
	slots []uint32 // a power of two, half of them free
}

var englishWords = sync.OnceValue(func() *dictionary {
	const size = 1 << 17
	d := &dictionary{make([]uint32, size)}
	for line := range strings.Lines(english) {
		if line[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			i, mark := d.place(keyOf(w))
			for d.slots[i] != 0 && d.slots[i] != mark {
				i = (i + 1) % size
			}
			d.slots[i] = mark
		}
	}
	return d
})

func (d *dictionary) place(k wordKey16) (int, uint32) {
	h := k.hash()
	return int(h & uint64(len(d.slots)-1)), uint32(h>>32) | 1
}

func (d *dictionary) has(k wordKey16) bool {
	i, mark := d.place(k)
	for ; d.slots[i] != 0; i = (i + 1) % len(d.slots) {
		if d.slots[i] == mark {
			return true
		}
	}
	return false
}
