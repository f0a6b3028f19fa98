package masker

import (
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// fpe permutes the characters of an alphabet. The value is taken as it is written, without a canonical form, so that
// separators stay and the token fits where the value did.
type fpe struct {
	alphabet *surrogate.Alphabet
	key      int
}

func (p *Plan) newFPE(t policy.FPE) (fpe, error) {
	a, err := surrogate.NewAlphabet(t.Alphabet)
	if err != nil {
		return fpe{}, fmt.Errorf("fpe: %w", err)
	}
	return fpe{a, p.keyFor(purpose{t.Domain, t.Scope, useFPE + t.Alphabet, a.Radix()})}, nil
}

func (fpe) perValue() bool { return true }

func (fpe) room(_, size int) int { return size }

func (o fpe) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	dst, err = o.alphabet.Append(dst, key.cipher, &s.alphabet, value)
	for _, known := range []struct {
		err error
		fix string
	}{
		{surrogate.ErrCharacter, "give fpe.alphabet every letter, digit and sign that values have, or tokenise the field"},
		{surrogate.ErrShort, "short values can be guessed: tokenise the field"},
		{surrogate.ErrLong, "tokenise the field"},
	} {
		if errors.Is(err, known.err) {
			return dst, faultf(ClassBadValue, "", at.record(), "%v: %s", known.err, known.fix)
		}
	}
	return dst, err
}
