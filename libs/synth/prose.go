package synth

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// The kinds of notes. They differ in the words around what must not leave production, and in nothing else.
const (
	Plain = "plain" // of a handful of sentences: compresses far better than what people write
	Rich  = "rich"  // of a vocabulary of 6,000 words, about 2.5:1 under zstd's level 1: nearer to real text
)

// Notes are the kinds of notes.
func Notes() []string { return []string{Plain, Rich} }

// prose writes what stands around the part of a note that matters.
type prose struct{ opening, closing func(*rand.Rand) string }

var prosaic = map[string]prose{
	Plain: {
		opening: func(r *rand.Rand) string { return pick(r, openings) + "." },
		closing: func(r *rand.Rand) string { return pick(r, closings) },
	},
	Rich: {
		opening: func(r *rand.Rand) string { return sentences(r, 70+r.IntN(60)) },
		closing: func(r *rand.Rand) string { return sentences(r, 40+r.IntN(50)) },
	},
}

// sentences are at least n bytes, and at most one sentence more.
func sentences(r *rand.Rand, n int) string {
	words := vocabulary()
	b := make([]byte, 0, n+80)
	for len(b) < n {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		start, count := len(b), 4+r.IntN(8)
		for i := range count {
			if i > 0 {
				if i > 2 && i < count-1 && r.IntN(9) == 0 {
					b = append(b, ',')
				}
				b = append(b, ' ')
			}
			b = append(b, words.pick(r)...)
			if len(b) >= n && i > 2 {
				break
			}
		}
		b[start] -= 'a' - 'A'
		b = append(b, '.')
	}
	return string(b)
}

// lexicon is words in the order of how often they are used, drawn as Zipf's law says: the k-th 1/k as often as the first.
type lexicon struct {
	words []string
	drawn []uint16 // index of a word for each value of 16 random bits
}

const vocabularySize = 6000

func (l *lexicon) pick(r *rand.Rand) string { return l.words[l.drawn[r.Uint32()>>16]] }

func newLexicon(words []string) *lexicon {
	l := &lexicon{words: words, drawn: make([]uint16, 1<<16)}
	// In whole numbers, so that every machine draws the same words.
	const unit = 1 << 40
	var all, sum uint64
	for k := range words {
		all += unit / uint64(k+1)
	}
	next := 0
	for k := range words {
		sum += unit / uint64(k+1)
		end := int(sum >> 8 * uint64(len(l.drawn)) / (all >> 8))
		for ; next < min(end, len(l.drawn)); next++ {
			l.drawn[next] = uint16(k)
		}
	}
	for ; next < len(l.drawn); next++ {
		l.drawn[next] = uint16(len(words) - 1)
	}
	return l
}

var (
	onsets = strings.Fields("b d f g h j k l m n p r s t v w z br dr gr pl tr")
	vowels = strings.Fields("a e i o u")
	codas  = strings.Fields(". . . n r l s")
)

// invented makes n words of which none is a customer's name: a name in a note must be one that was put there. Words
// that are used often are short.
func invented(n int) []string {
	r := rand.New(rand.NewPCG(0x776f726473, 0))
	seen := map[string]bool{}
	for _, name := range slices.Concat(firstNames, lastNames) {
		seen[strings.ToLower(name)] = true
	}
	words := make([]string, 0, n)
	for len(words) < n {
		syllables := 1 + r.IntN(2)
		if len(words) > 100 {
			syllables = 2 + r.IntN(2)
		}
		var b strings.Builder
		for range syllables {
			b.WriteString(pick(r, onsets))
			b.WriteString(pick(r, vowels))
			b.WriteString(strings.TrimSuffix(pick(r, codas), "."))
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

var vocabulary = sync.OnceValue(func() *lexicon { return newLexicon(invented(vocabularySize)) })
