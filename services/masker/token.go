package masker

import (
	"encoding/base32"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/ff1"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// tokenAlphabet is base32 of RFC 4648 in lower case.
var tokenAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenBytes of the MAC are encoded: 28 characters, of which at most 26 are used.
const tokenBytes = 17

const emailSuffix = "@masked.invalid" // RFC 2606: no such domain will ever exist

// newToken makes what replaces a value by its keyed pseudonym.
func (p *Plan) newToken(t policy.Token) rewriter {
	switch t.Format {
	case policy.Phone:
		return p.newPhoneToken(t)
	case policy.CardNumber:
		return digitsToken{p.newTextToken(t), p.permutation(t, useCard), surrogate.IsCard, surrogate.AppendCard}
	case policy.Digits:
		return digitsToken{p.newTextToken(t), p.permutation(t, useDigits), surrogate.IsDigits, surrogate.AppendDigits}
	case policy.UUID:
		return uuidToken{p.keyFor(purpose{domain: t.Domain, scope: t.Scope, use: useUUID})}
	case policy.Auto:
		return p.newAutoToken(t)
	default:
		return p.newTextToken(t)
	}
}

func (p *Plan) permutation(t policy.Token, use string) int {
	return p.keyFor(purpose{t.Domain, t.Scope, use, 10})
}

// textToken is the text form: prefix, base32, suffix.
type textToken struct {
	prefix, suffix string
	length         int // of the base32
	form           policy.Form
	key            int
}

func (p *Plan) newTextToken(t policy.Token) textToken {
	o := textToken{prefix: t.Prefix, length: t.Length, form: t.Form(), key: p.keyFor(purpose{domain: t.Domain, scope: t.Scope})}
	if t.Format == policy.Email {
		o.suffix = emailSuffix
	}
	return o
}

func (textToken) perValue() bool { return true }

func (o textToken) room(n, _ int) int { return n * (len(o.prefix) + o.length + len(o.suffix)) }

func (o textToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	s.form = s.canonical.append(s.form[:0], o.form, value)
	return o.append(s, at, dst, s.form)
}

// append appends the token of a canonical value.
func (o textToken) append(s *scratch, at place, dst, canonical []byte) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	dst = append(dst, o.prefix...)
	dst = key.append(dst, canonical, o.length)
	return append(dst, o.suffix...), nil
}

// phoneToken is a telephone number, or the text form for what is none.
type phoneToken struct {
	textToken
	permutation int
}

func (p *Plan) newPhoneToken(t policy.Token) phoneToken {
	return phoneToken{p.newTextToken(t), p.permutation(t, usePhone)}
}

func (o phoneToken) room(n, _ int) int { return n * surrogate.PhoneRoom }

func (o phoneToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	if digits, ok := s.canonical.phone(value); ok && surrogate.IsPhone(digits) {
		return o.append(s, at, dst, digits)
	}
	return o.textToken.rewrite(s, at, dst, value)
}

// append appends the token of a canonical number.
func (o phoneToken) append(s *scratch, at place, dst, digits []byte) ([]byte, error) {
	key, err := s.key(o.permutation, at)
	if err != nil {
		return dst, err
	}
	return surrogate.AppendPhone(dst, key.cipher, digits)
}

// digitsToken is as many digits as the value has, or the text form where they do not fit.
type digitsToken struct {
	textToken
	permutation int
	fits        func(canonical []byte) bool
	build       func(dst []byte, c *ff1.Cipher, canonical []byte) ([]byte, error)
}

func (o digitsToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	s.form = s.canonical.append(s.form[:0], o.form, value)
	if !o.fits(s.form) {
		return o.append(s, at, dst, s.form)
	}
	key, err := s.key(o.permutation, at)
	if err != nil {
		return dst, err
	}
	return o.build(dst, key.cipher, s.form)
}

// uuidToken is a UUID whatever the value is.
type uuidToken struct{ key int }

func (uuidToken) perValue() bool { return true }

func (uuidToken) room(n, _ int) int { return n * surrogate.UUIDRoom }

func (o uuidToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	s.form = s.canonical.append(s.form[:0], policy.UUIDForm, value)
	return key.appendUUID(dst, s.form), nil
}

// autoToken is for columns that hold addresses of several kinds: a number or a mail address has the token that it has
// in a column of its own, in that kind's domain.
type autoToken struct {
	phone phoneToken
	email textToken
	text  textToken
}

func (p *Plan) newAutoToken(t policy.Token) autoToken {
	kind := func(f policy.Format, domain string) policy.Token {
		return policy.Token{Format: f, Domain: domain, Scope: t.Scope, Length: policy.TokenLength}
	}
	return autoToken{
		phone: p.newPhoneToken(kind(policy.Phone, policy.PhoneDomain)),
		email: p.newTextToken(kind(policy.Email, policy.EmailDomain)),
		text:  p.newTextToken(t),
	}
}

func (autoToken) perValue() bool { return true }

func (o autoToken) room(n, size int) int { return o.email.room(n, size) }

func (o autoToken) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	var kind policy.Format
	s.form, kind = s.canonical.auto(s.form[:0], o.text.form, value)
	switch kind {
	case policy.Phone:
		return o.phone.append(s, at, dst, s.form)
	case policy.Email:
		return o.email.append(s, at, dst, s.form)
	default:
		return o.text.append(s, at, dst, s.form)
	}
}
