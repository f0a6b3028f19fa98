package validator

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/services/validator/internal/naive"
)

// texts judges every text of a column.
func (s *scan) texts(a arrow.Array) {
	for row := range a.Len() {
		switch text, ok, err := s.textAt(a, row); {
		case err != nil:
			s.tally.unreadable++
		case ok:
			s.count(s.memo.of(text, s.judgement))
		}
	}
}

// judgement is what is to be said of one text in a column.
type judgement struct {
	untreated bool
	proven    bool // its form leaves no room for a finding
	found     found
	expected  found
	naive     naive.Set // outside what is expected
}

func (s *scan) judgement(text []byte) (j judgement) {
	if s.treated != nil {
		j.untreated = !s.treated(text)
		j.proven = s.proven && !j.untreated
	}
	if j.proven = j.proven || isUUID(text); j.proven {
		return j
	}
	if len(s.tokens) > 0 && !j.untreated {
		s.find.text = s.withoutTokens(s.find.text[:0], text)
		text = s.find.text
	}
	j.found, j.expected = s.find.in(s.refused, text), s.find.in(s.expected, text)
	j.naive = s.find.naive.Find(text) &^ s.naive
	return j
}

func (s *scan) count(j judgement) {
	if j.untreated {
		s.tally.untreated++
	}
	if j.proven {
		s.tally.proven++
		return
	}
	s.tally.looked++
	s.found(j.found, j.expected)
	for i := range j.naive.All {
		s.tally.naive[i]++
	}
}

// isUUID reports a text that is a UUID and nothing else.
func isUUID(b []byte) bool {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return false
	}
	for i, c := range b {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') && (i != 8 && i != 13 && i != 18 && i != 23) {
			return false
		}
	}
	return true
}

// memo remembers the judgements of texts that come again, which is most of them in a column of few values.
type memo struct {
	known        map[string]judgement
	hits, misses int
}

const (
	maxMemo   = 1024 // judgements
	longMemo  = 256  // bytes of a text
	trialMemo = 2048 // texts after which a memo that is of no use is given up
)

func (m *memo) of(text []byte, judge func([]byte) judgement) judgement {
	if len(text) > longMemo || m.misses > trialMemo && m.hits < m.misses {
		return judge(text)
	}
	if j, ok := m.known[string(text)]; ok {
		m.hits++
		return j
	}
	m.misses++
	j := judge(text)
	if m.known == nil {
		m.known = map[string]judgement{}
	}
	if len(m.known) < maxMemo {
		m.known[string(text)] = j
	}
	return j
}
