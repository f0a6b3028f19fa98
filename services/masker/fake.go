package masker

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/invent"
)

// fake replaces a value by an invented one, chosen by key and canonical form: without surrounding space and letter case,
// as names are compared. The same value gets the same fake in every column, file and run; it never gets itself. Each kind
// has a limited number of values, see invent.Kind, so that two people can share one: a fake is no identifier.
type fake struct {
	kind *invent.Kind
	key  int // in Plan.keys
}

func (p *Plan) newFake(t policy.Fake) (fake, error) {
	kind, ok := invent.Of(string(t.Kind))
	if !ok {
		return fake{}, fmt.Errorf("unknown fake.kind %q", t.Kind)
	}
	if t.Domain == "" {
		return fake{}, errors.New("fake.domain is missing")
	}
	return fake{kind: kind, key: p.keyFor(purpose{domain: t.Domain, scope: t.Scope, use: useFake})}, nil
}

func (fake) perValue() bool { return true }

func (o fake) room(n, _ int) int { return n * o.kind.Room() }

func (o fake) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	s.form = s.canonical.append(s.form[:0], policy.NameForm, value)
	from := len(dst)
	for next := uint32(0); ; {
		choice, after := key.choose(s.form, o.kind.Values(), next)
		next = after
		dst = o.kind.Append(dst[:from], choice)
		s.row = s.canonical.append(s.row[:0], policy.NameForm, dst[from:])
		if !bytes.Equal(s.row, s.form) {
			return dst, nil
		}
	}
}
