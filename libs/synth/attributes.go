package synth

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// longest is where the analytics job cuts an attribute's value, in characters.
const longest = 1024

// attributes are what flows and scripts have set on the customer: any key, any text, JSON inside text. The tenant is
// always among them.
func (s *story) attributes() map[string]text {
	m := map[string]text{"tenant_id": is(s.tenant)}
	birth := s.birth.Format("2006-01-02")
	phone := s.phone(s.Rand)
	crm := fmt.Sprintf(`{"name":%q,"phone":%q,"dob":%q,"tier":%d}`, s.fullName(), phone, birth, s.IntN(4))
	for _, a := range []struct {
		percent    int
		key, value string
	}{
		{60, "context.customerName", s.fullName()},
		{50, "Email Address", s.address()},
		{25, "cardOnFile", s.card(s.Rand)},
		{30, "varDOB", birth},
		{20, "memberNo", s.ssn},
		{60, "LOB", s.one("claims", "billing", "sales")},
		{70, "language", s.one("en-US", "es-US", "fr-CA")},
		{40, "crmPayload", crm},
		{8, "crm.raw", fmt.Sprintf("%q", crm)},
		{8, "session$blob", base64.StdEncoding.EncodeToString([]byte(crm))},
		{30, "last utterance", s.one("my number is "+phone, "I want to talk to a person", "this is "+s.first+" calling again", "charge "+s.card(s.Rand))},
		{5, s.address(), "consent given"},
		{10, "müşteri adı", strings.ToUpper(s.fullName())},
		{20, "orderIds", fmt.Sprintf("ORD-2026-%07d,ORD-2026-%07d", s.IntN(10_000_000), s.IntN(10_000_000))},
		{20, "balance", fmt.Sprintf("%d.%02d", s.IntN(9000), s.IntN(100))},
		{15, "Customer_Phone", phone},
		{20, "promoCode", ""},
		{5, "history", history(crm)},
	} {
		if s.chance(a.percent) {
			m[a.key] = is(a.value)
		}
	}
	if s.chance(10) {
		m["preferredAgent"] = text{state: null}
	}
	return m
}

// history is a JSON array that is cut off.
func history(entry string) string {
	h := "[" + strings.Repeat(entry+",", longest/len(entry)+1)
	return h[:longest]
}
