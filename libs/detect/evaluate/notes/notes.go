// Package notes makes labelled texts of a contact centre, on which detectors are measured: notes of agents, turns of
// chats, and utterances as speech recognition writes them.
//
// It shares nothing with the detectors: its names, sentences and numbers are its own, no name of it is in the lists that
// the detectors know, and nothing here may be changed because a detector misses it. A third of the texts hold nothing
// to be found, but much that looks like it: order numbers, times, versions, ids, amounts.
package notes

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect/evaluate"
)

// Generate makes n samples. The same seed gives the same samples.
func Generate(seed uint64, n int) []evaluate.Sample {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0x6e6f746573))}
	out := make([]evaluate.Sample, n)
	for i := range out {
		out[i] = m.sample(i)
	}
	return out
}

type maker struct{ *rand.Rand }

// sample fills in one sentence, and another one before or behind it now and then, as people write.
func (m *maker) sample(i int) evaluate.Sample {
	kind := kinds[i%len(kinds)]
	list := kind.with
	if m.IntN(3) == 0 {
		list = kind.without
	}
	text := list[m.IntN(len(list))]
	switch m.IntN(4) {
	case 0:
		text = kind.around[m.IntN(len(kind.around))] + kind.between + text
	case 1:
		text += kind.between + kind.around[m.IntN(len(kind.around))]
	}
	return m.fill(text)
}

// fill puts a value in the place of every {slot}, and labels those that are to be found. A slot is named by its class, or
// class.form; those of harmless things have no label.
func (m *maker) fill(text string) evaluate.Sample {
	var b strings.Builder
	s := evaluate.Sample{Labels: []evaluate.Label{}}
	for at := 0; ; {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		at += utf8.RuneCountInString(before)
		if !ok {
			break
		}
		slot, behind, _ := strings.Cut(rest, "}")
		value := slots[slot](m)
		b.WriteString(value)
		end := at + utf8.RuneCountInString(value)
		if c := class(slot); labelled[c] {
			s.Labels = append(s.Labels, evaluate.Label{Type: c, Value: value, Start: at, End: end})
		}
		at, text = end, behind
	}
	s.Text = b.String()
	return s
}

// of picks one of a list.
func of[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }

// digits are n random digits, the first of them from 1 to 9.
func (m *maker) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + m.IntN(10))
	}
	b[0] = byte('1' + m.IntN(9))
	return string(b)
}

// shaped fills a pattern: # is a digit, 9 one that is not 0, A a capital letter, a a small one, x a hexadecimal digit.
func (m *maker) shaped(pattern string) string {
	out := []byte(pattern)
	for i, c := range out {
		switch c {
		case '#':
			out[i] = byte('0' + m.IntN(10))
		case '9':
			out[i] = byte('1' + m.IntN(9))
		case 'A':
			out[i] = byte('A' + m.IntN(26))
		case 'a':
			out[i] = byte('a' + m.IntN(26))
		case 'x':
			out[i] = "0123456789abcdef"[m.IntN(16)]
		}
	}
	return string(out)
}
