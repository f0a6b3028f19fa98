package columnar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRandomJSON makes documents that are mostly right, which a fuzzer seldom
// does.
func TestRandomJSON(t *testing.T) {
	t.Parallel()
	right := 0
	for seed := range uint64(600) {
		m := &jsonMaker{rnd: rand.New(rand.NewPCG(seed, 1)), mistakes: seed%2 == 1}
		array := m.rnd.IntN(3) == 0
		if array {
			m.text = append(m.text, '[')
		}
		for i := range 1 + m.rnd.IntN(6) {
			if array && i > 0 {
				m.text = append(m.text, ',')
			}
			m.blanks()
			m.object("avlgmos")
		}
		if array {
			m.text = append(m.text, ']')
		}
		if m.mistakes && m.rnd.IntN(2) == 0 {
			m.text[m.rnd.IntN(len(m.text))] = "{}[],:\"\\ x0\x00"[m.rnd.IntN(12)]
		}
		compareNested(t, m.text)
		if _, err := referenceRows(m.text, textColumns()); err == nil {
			right++
		}
	}
	if right < 300 {
		t.Errorf("only %d documents were right", right)
	}
}

type jsonMaker struct {
	rnd      *rand.Rand
	text     []byte
	mistakes bool
	depth    int
}

func (m *jsonMaker) add(s string) { m.text = append(m.text, s...) }

func (m *jsonMaker) blanks() {
	if m.rnd.IntN(6) == 0 {
		m.add([]string{" ", "\n", "\r\n\t ", "          "}[m.rnd.IntN(4)])
	}
}

// object makes an object with some of the one-letter members, in any order.
func (m *jsonMaker) object(names string) {
	m.depth++
	defer func() { m.depth-- }()
	order := m.rnd.Perm(len(names))
	if m.rnd.IntN(3) > 0 {
		slices.Sort(order)
	}
	order = order[:m.rnd.IntN(len(order)+1)]
	if m.mistakes && m.rnd.IntN(40) == 0 && len(order) > 0 {
		order = append(order, order[0])
	}
	m.add("{")
	for i, o := range order {
		if i > 0 {
			m.add(",")
		}
		name := names[o : o+1]
		m.blanks()
		switch m.rnd.IntN(30) {
		case 0:
			fmt.Fprintf((*appender)(m), `"\u%04x"`, name[0])
		case 1:
			name = fmt.Sprintf("new%d", m.rnd.IntN(20))
			m.add(`"` + name + `"`)
			name = "v"
		default:
			m.add(`"` + name + `"`)
		}
		m.blanks()
		m.add(":")
		m.blanks()
		m.value(name)
		m.blanks()
	}
	m.add("}")
}

type appender jsonMaker

func (a *appender) Write(p []byte) (int, error) {
	a.text = append(a.text, p...)
	return len(p), nil
}

func (m *jsonMaker) value(kind string) {
	if m.rnd.IntN(8) == 0 {
		m.add("null")
		return
	}
	if m.mistakes && m.rnd.IntN(60) == 0 {
		kind = "avlgmos"[m.rnd.IntN(7):][:1]
	}
	switch {
	case kind == "a" || m.depth > 6 || len(m.text) > 2000:
		if kind != "a" && kind != "v" {
			m.add("null")
			return
		}
		m.scalar()
	case kind == "v":
		switch m.rnd.IntN(4) {
		case 0:
			m.list("v")
		case 1:
			m.entries()
		default:
			m.scalar()
		}
	case kind == "l":
		m.list("a")
	case kind == "g":
		m.list("l")
	case kind == "m":
		m.entries()
	case kind == "o":
		m.object("almv")
	case kind == "s" && m.depth > 2:
		m.list("o")
	default:
		m.add("[")
		for i := range m.rnd.IntN(4) {
			if i > 0 {
				m.add(",")
			}
			m.object("almvs")
		}
		m.add("]")
	}
}

func (m *jsonMaker) list(kind string) {
	m.depth++
	m.add("[")
	for i := range m.rnd.IntN(4) {
		if i > 0 {
			m.add(",")
		}
		m.blanks()
		m.value(kind)
		m.blanks()
	}
	m.add("]")
	m.depth--
}

func (m *jsonMaker) entries() {
	m.depth++
	m.add("{")
	first := m.rnd.IntN(1000)
	for i := range m.rnd.IntN(20) {
		if i > 0 {
			m.add(",")
		}
		m.blanks()
		fmt.Fprintf((*appender)(m), `"%s%d"`, []string{"", "k y", `\"`, `\u00e9`, "é"}[m.rnd.IntN(5)], first+i)
		m.blanks()
		m.add(":")
		m.value("v")
		m.blanks()
	}
	m.add("}")
	m.depth--
}

func (m *jsonMaker) scalar() {
	m.add([]string{`""`, `"x"`, `"a longer text, 24 bytes."`, `"\\"`, `"tab\t \u00e9 \ud83d\ude00 quote \" end"`, `"é😀 beyond ASCII"`, `"12345678\""`,
		"0", "-0.5e+10", "123456789012345678901234567890", "1E5", "true", "false", `"{\"a\": 1}"`}[m.rnd.IntN(14)])
}
