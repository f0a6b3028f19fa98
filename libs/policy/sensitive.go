package policy

import (
	"slices"
	"strings"
	"unicode"
)

// kindOfName is what a column's name says about its values.
type kindOfName struct {
	kind   string
	strong bool       // values single a person out
	words  [][]string // one of these runs of words
}

var kindsOfName = []kindOfName{
	{"a phone number", true, runs("phone", "telephone", "mobile", "msisdn", "ani", "dnis", "fax", "caller id", "cell number", "phonenumber", "callerid")},
	{"a mail address", true, runs("email", "mail", "e mail", "emailaddress")},
	{"a social security number", true, runs("ssn", "social security", "sin", "tax id", "tin", "national id", "nino")},
	{"a card number", true, runs("card", "pan", "cvv", "cvc", "iban", "cardnumber", "creditcard")},
	{"a person's name", true, runs("first name", "last name", "middle name", "full name", "given name", "family name", "surname",
		"firstname", "lastname", "fullname", "customer name", "caller name", "contact name", "agent name", "person name",
		"participant name", "user name", "username", "display name", "maiden name")},
	{"a date of birth", true, runs("dob", "birth", "birthday", "birthdate", "dateofbirth")},
	{"an identity document", true, runs("passport", "licence", "license", "driver")},
	{"an address", false, runs("address", "street", "postcode", "zip", "zipcode", "postal")},
	{"a name", false, runs("name")},
	{"an account number", false, runs("account", "iban", "routing", "member id", "patient")},
	{"a network address", false, runs("ip", "ipaddress", "mac")},
	{"free text", false, runs("notes", "note", "comment", "comments", "transcript", "message", "body", "subject", "description", "summary")},
}

// harmless are runs of words that would be sensitive by a part of them.
var harmless = runs("queue name", "tenant name", "campaign name", "division name", "file name", "event name", "team name",
	"skill name", "flow name", "org name", "organization name", "country name", "city name", "media name", "card type", "mail type",
	"phone type", "card brand", "card present", "address type", "account type", "mail count", "email count")

func runs(phrases ...string) [][]string {
	out := make([][]string, len(phrases))
	for i, p := range phrases {
		out[i] = strings.Fields(p)
	}
	return out
}

// sensitive says what a column of that name is likely to hold, "" for nothing in particular.
func sensitive(name string) (kind string, strong bool) {
	w := words(name)
	if slices.ContainsFunc(harmless, func(run []string) bool { return contains(w, run) }) {
		return "", false
	}
	for _, k := range kindsOfName {
		if slices.ContainsFunc(k.words, func(run []string) bool { return contains(w, run) }) {
			return k.kind, k.strong
		}
	}
	return "", false
}

// Suspect says what a column of that name is likely to hold, such as "a phone number", and "" when the name gives nothing
// away. A name like that of one of the policy's fields, written otherwise, is suspect as well: somebody has renamed
// what the policy treats.
func (p *Policy) Suspect(name string) string {
	if kind, _ := sensitive(name); kind != "" {
		return kind
	}
	bare := letters(name)
	for _, f := range p.Fields {
		if slices.ContainsFunc(append([]string{f.Path}, f.Aliases...), func(own string) bool { return letters(own) == bare }) {
			return "a field of the policy"
		}
	}
	return ""
}

// letters is a name without case and signs: "Phone_Number" is phonenumber.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// contains reports that run stands in words, in one piece.
func contains(words, run []string) bool {
	for i := range len(words) - len(run) + 1 {
		if slices.Equal(words[i:i+len(run)], run) {
			return true
		}
	}
	return false
}

// words splits a name at changes of case, digits and signs: "customerPhone_2" is customer, phone.
func words(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	letters := []rune(name)
	for i, r := range letters {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}
