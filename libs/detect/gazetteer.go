package detect

import (
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v7/data"
)

// The gazetteer is that of gofakeit: first and last names of people, and words that
// are no names.

// firstNames are lower-case first names of ASCII letters.
func firstNames() []string { return plainNames(data.Person["first"]) }

func plainNames(names []string) []string {
	var out []string
	for _, n := range names {
		if n = strings.ToLower(n); len(n) > 1 && len(n) <= 16 && isPlain(n) {
			out = append(out, n)
		}
	}
	return out
}

func isPlain(w string) bool {
	for i := range len(w) {
		if !isLetter(w[i]) {
			return false
		}
	}
	return w != ""
}

// lore is what the gazetteer knows of a word.
type lore uint8

const (
	firstName lore = 1 << iota
	lastName
	ordinary // a word of the language
	place
	placePart // a word of a place's name of several words, and no place itself
)

// gazette maps words to what is known of them, by their keys, which stand for
// accented letters too.
type gazette struct {
	slots []gazetteSlot // a power of two, half of them free
	shift uint8         // of a hash, whose first bits are a word's place
}

type gazetteSlot struct {
	key  wordKey16
	lore lore
}

func (g *gazette) of(k wordKey16) lore {
	mask := uint64(len(g.slots) - 1)
	for i := k.hash() >> g.shift; g.slots[i].lore != 0; i = (i + 1) & mask {
		if g.slots[i].key == k {
			return g.slots[i].lore
		}
	}
	return 0
}

var gazetteer = sync.OnceValue(func() *gazette {
	all := map[wordKey16]lore{}
	add := func(what lore, phrases []string) {
		for _, phrase := range phrases {
			for _, w := range strings.FieldsFunc(strings.ToLower(phrase), func(r rune) bool { return r < 'a' || r > 'z' }) {
				if len(w) <= 16 {
					all[keyOf(w)] |= what
				}
			}
		}
	}
	add(firstName, plainNames(data.Person["first"]))
	add(lastName, plainNames(data.Person["last"]))
	for kind, list := range data.Word {
		if kind != "sort" {
			add(ordinary, list)
		}
	}
	add(ordinary, strings.Fields(ordinaryWords))
	add(ordinary, data.Person["ethnicity"])
	add(ordinary, data.Languages["long"])
	for _, kind := range []string{"city", "country", "state"} {
		add(place|placePart, data.Address[kind])
	}
	add(place, strings.Fields(worldPlaces))
	for _, kind := range []string{"city", "country", "state"} {
		for _, name := range data.Address[kind] {
			if name = strings.ToLower(name); isPlain(name) && len(name) <= 16 {
				all[keyOf(name)] &^= placePart
			}
		}
	}
	for _, name := range strings.Fields(worldPlaces) {
		all[keyOf(name)] &^= placePart
	}
	width := tableBits(2 * len(all))
	g := &gazette{make([]gazetteSlot, 1<<width), 64 - width}
	for k, l := range all {
		i := k.hash() >> g.shift
		for g.slots[i].lore != 0 {
			i = (i + 1) % uint64(len(g.slots))
		}
		g.slots[i] = gazetteSlot{k, l}
	}
	return g
})

// isOrdinary reports a word that is a word of the language before it is a name.
func isOrdinary(w []byte) bool {
	if len(w) == 0 || !isLetter(w[0]) {
		return false
	}
	for i, c := range w {
		if c == '\'' {
			w = w[:i]
			break
		}
		if !isLetter(c) {
			return false
		}
	}
	return gazetteer().of(keyOfBytes(w))&ordinary != 0
}
