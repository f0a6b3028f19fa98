package masker

import (
	"encoding/base32"

	"github.com/maskrail/maskrail/libs/policy"
)

// tokenAlphabet is base32 of RFC 4648 in lower case.
var tokenAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenBytes of the MAC are encoded: 28 characters, of which at most 26 are used.
const tokenBytes = 17

const emailSuffix = "@masked.invalid" // RFC 2606: no such domain will ever exist

// token replaces a value by its keyed pseudonym.
type token struct {
	policy.Token
	form   policy.Form
	domain int // in the plan
}

func (p *Plan) newToken(t policy.Token) token {
	return token{Token: t, form: t.Form(), domain: p.domain(t)}
}

func (token) perValue() bool { return true }

func (o token) room(n, _ int) int {
	switch o.Format {
	case policy.Phone:
		return n * (len(phonePrefix) + lengthA)
	case policy.Email:
		return n * (o.Length + len(emailSuffix))
	default:
		return n * (len(o.Prefix) + o.Length)
	}
}

func (o token) rewrite(s *scratch, f *frame, row int, dst, value []byte) ([]byte, error) {
	key, err := s.key(o.domain, f, f.tenantOf[row])
	if err != nil {
		return dst, err
	}
	if o.Format == policy.Phone {
		if digits, ok := s.canonical.phone(value); ok && len(digits) >= minPhone && len(digits) <= maxPhone {
			return appendPhoneToken(dst, key.digits, digits)
		}
	}
	dst = append(dst, o.Prefix...)
	s.form = s.canonical.append(s.form[:0], o.form, value)
	dst = key.append(dst, s.form, o.Length)
	if o.Format == policy.Email {
		dst = append(dst, emailSuffix...)
	}
	return dst, nil
}
