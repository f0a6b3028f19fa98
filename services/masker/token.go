package masker

import (
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

const emailSuffix = "@masked.invalid" // RFC 2606: no such domain will ever exist

// newToken makes what replaces a value by its keyed pseudonym.
func (p *Plan) newToken(t policy.Token) rewriter {
	switch t.Format {
	case policy.Phone:
		return p.newPhoneToken(t)
	case policy.CardNumber:
		return &digitsToken{*p.newTextToken(t), p.permutation(t, useCard), surrogate.Card}
	case policy.Digits:
		return &digitsToken{*p.newTextToken(t), p.permutation(t, useDigits), surrogate.Digits}
	case policy.UUID:
		return &uuidToken{p.keyFor(purpose{domain: t.Domain, scope: t.Scope, use: useUUID})}
	case policy.Auto:
		return p.newAutoToken(t)
	default:
		return p.newTextToken(t)
	}
}

func (p *Plan) permutation(t policy.Token, use string) int {
	return p.keyFor(purpose{t.Domain, t.Scope, use, 10})
}

// textToken is the text form: prefix, base32 of RFC 4648 in lower case, suffix.
type textToken struct {
	prefix, suffix string
	length         int // of the base32
	form           policy.Form
	key            int
}

func (p *Plan) newTextToken(t policy.Token) *textToken {
	o := &textToken{prefix: t.Prefix, length: t.Length, form: t.Form(), key: p.keyFor(purpose{domain: t.Domain, scope: t.Scope})}
	if t.Format == policy.Email {
		o.suffix = emailSuffix
	}
	return o
}

func (*textToken) perValue() bool { return true }

func (o *textToken) room(n, _ int) int { return n * (len(o.prefix) + o.length + len(o.suffix)) }

func (o *textToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	return s.settle(o.lay(s, at, dst, value))
}

func (o *textToken) lay(s *scratch, at place, dst, value []byte) ([]byte, error) {
	from := len(s.pending.forms)
	s.pending.forms = s.canonical.append(s.pending.forms, o.form, value)
	s.told = formed{s.pending.forms[from:], policy.Text}
	return o.sign(s, at, dst, from)
}

// sign lays out the token of the canonical value that begins at from in the pending forms.
func (o *textToken) sign(s *scratch, at place, dst []byte, from int) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	dst = append(dst, o.prefix...)
	dst = s.pending.sign(dst, key.mac, from, o.length)
	return append(dst, o.suffix...), nil
}

// phoneToken is a telephone number, or the text form for what is none.
type phoneToken struct {
	textToken
	permutation int
}

func (p *Plan) newPhoneToken(t policy.Token) *phoneToken {
	return &phoneToken{*p.newTextToken(t), p.permutation(t, usePhone)}
}

func (o *phoneToken) room(n, _ int) int { return n * surrogate.PhoneRoom }

func (o *phoneToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	return s.settle(o.lay(s, at, dst, value))
}

func (o *phoneToken) lay(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.permutation, at)
	if err != nil {
		return dst, err
	}
	digits, ok := s.canonical.phone(value)
	if !ok {
		return o.textToken.lay(s, at, dst, value)
	}
	s.told = formed{digits, policy.Phone}
	if dst, ok = s.pending.permute(dst, key.cipher, surrogate.Phone, digits); ok {
		return dst, nil
	}
	from := len(s.pending.forms)
	s.pending.forms = append(s.pending.forms, digits...)
	return o.sign(s, at, dst, from)
}

// digitsToken is as many digits as the value has, or the text form where they do not fit.
type digitsToken struct {
	textToken
	permutation int
	shape       *surrogate.Shape
}

func (o *digitsToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	return s.settle(o.lay(s, at, dst, value))
}

func (o *digitsToken) lay(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.permutation, at)
	if err != nil {
		return dst, err
	}
	p := &s.pending
	from := len(p.forms)
	p.forms = s.canonical.append(p.forms, o.form, value)
	s.told = formed{p.forms[from:], policy.Text}
	dst, ok := p.permute(dst, key.cipher, o.shape, p.forms[from:])
	if !ok {
		return o.sign(s, at, dst, from)
	}
	p.forms = p.forms[:from]
	return dst, nil
}

// uuidToken is a UUID whatever the value is.
type uuidToken struct{ key int }

func (*uuidToken) perValue() bool { return true }

func (*uuidToken) room(n, _ int) int { return n * surrogate.UUIDRoom }

func (o *uuidToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	return s.settle(o.lay(s, at, dst, value))
}

func (o *uuidToken) lay(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	from := len(s.pending.forms)
	s.pending.forms = s.canonical.append(s.pending.forms, policy.UUIDForm, value)
	s.told = formed{s.pending.forms[from:], policy.Text}
	return s.pending.sign(dst, key.mac, from, 0), nil
}

// autoToken is for columns that hold addresses of several kinds: a number or a mail address has the token that it has
// in a column of its own, in that kind's domain.
type autoToken struct {
	phone *phoneToken
	email *textToken
	text  *textToken
}

func (p *Plan) newAutoToken(t policy.Token) *autoToken {
	kind := func(f policy.Format, domain string) policy.Token {
		return policy.Token{Format: f, Domain: domain, Scope: t.Scope, Length: policy.TokenLength}
	}
	return &autoToken{
		phone: p.newPhoneToken(kind(policy.Phone, policy.PhoneDomain)),
		email: p.newTextToken(kind(policy.Email, policy.EmailDomain)),
		text:  p.newTextToken(t),
	}
}

func (*autoToken) perValue() bool { return true }

func (o *autoToken) room(n, size int) int { return o.email.room(n, size) }

func (o *autoToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	return s.settle(o.lay(s, at, dst, value))
}

func (o *autoToken) lay(s *scratch, at place, dst, value []byte) ([]byte, error) {
	p := &s.pending
	from := len(p.forms)
	var kind policy.Format
	p.forms, kind = s.canonical.auto(p.forms, o.text.form, value)
	s.told = formed{p.forms[from:], kind}
	switch kind {
	case policy.Phone:
		key, err := s.key(o.phone.permutation, at)
		if err != nil {
			return dst, err
		}
		dst, ok := p.permute(dst, key.cipher, surrogate.Phone, p.forms[from:])
		if !ok {
			return o.phone.sign(s, at, dst, from)
		}
		p.forms = p.forms[:from]
		return dst, nil
	case policy.Email:
		return o.email.sign(s, at, dst, from)
	default:
		return o.text.sign(s, at, dst, from)
	}
}
