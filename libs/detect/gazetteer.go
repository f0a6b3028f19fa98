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

// keys is a set of words by their keys, which stand for accented letters too.
type keys map[wordKey16]struct{}

func newKeys(lists ...[]string) keys {
	out := keys{}
	for _, list := range lists {
		for _, phrase := range list {
			for _, w := range strings.FieldsFunc(strings.ToLower(phrase), func(r rune) bool { return r < 'a' || r > 'z' }) {
				if len(w) <= 16 {
					out[keyOf(w)] = struct{}{}
				}
			}
		}
	}
	return out
}

func (k keys) has(key wordKey16) bool {
	_, ok := k[key]
	return ok
}

var gazetteer = sync.OnceValue(func() (g struct{ first, last, ordinary, places keys }) {
	g.first, g.last = newKeys(plainNames(data.Person["first"])), newKeys(plainNames(data.Person["last"]))
	var lists [][]string
	for kind, list := range data.Word {
		if kind != "sort" {
			lists = append(lists, list)
		}
	}
	g.ordinary = newKeys(append(lists, strings.Fields(ordinaryWords), data.Person["ethnicity"], data.Languages["long"])...)
	g.places = newKeys(data.Address["city"], data.Address["country"], data.Address["state"])
	delete(g.ordinary, wordKey16{})
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
	return gazetteer().ordinary.has(keyOfBytes(w))
}
