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
	usual  int        // characters of a value, about
	words  [][]string // one of these runs of words
}

const (
	phoneKind = "a phone number"
	cardKind  = "a card number"
	birthKind = "a date of birth"
)

var kindsOfName = []kindOfName{
	{phoneKind, true, 10, runs("phone", "phones", "telephone", "mobile", "msisdn", "ani", "dnis", "fax", "caller id", "cell number", "phonenumber", "callerid",
		"callback number", "callback numbers", "calling number", "called number", "dialed number", "dialled number", "from number", "to number")},
	{"a mail address", true, 20, runs("email", "emails", "mail", "e mail", "emailaddress")},
	{"a social security number", true, 9, runs("ssn", "social security", "sin", "tax id", "tin", "national id", "nino")},
	{cardKind, true, 16, runs("card", "pan", "cvv", "cvc", "iban", "cardnumber", "creditcard")},
	{"a person's name", true, 6, runs("first name", "last name", "middle name", "full name", "given name", "family name", "surname",
		"firstname", "lastname", "fullname", "customer name", "caller name", "contact name", "agent name", "person name",
		"participant name", "user name", "username", "display name", "maiden name", "remote name", "patient name", "member name")},
	{birthKind, true, 10, runs("dob", "birth", "birthday", "birthdate", "dateofbirth")},
	{"an identity document", true, 9, runs("passport", "licence", "license", "driver")},
	{"an address of a call or message", true, 12, runs("address from", "address to", "address self", "address other", "destination address",
		"destination addresses", "target address", "from address", "to address", "sip uri")},
	{"an address of a call or message", false, 12, runs("cc", "bcc", "remote", "sender", "recipient", "recipients", "entry reason")},
	{"an address", false, 20, runs("address", "addresses", "street", "postcode", "zip", "zipcode", "postal")},
	{"a name", false, 6, runs("name", "names")},
	{"an account number", false, 12, runs("account", "iban", "routing", "member id", "patient")},
	{"a network address", false, 12, runs("ip", "ipaddress", "mac", "protocol call id")},
	{"free text", false, 80, runs("notes", "note", "comment", "comments", "transcript", "transcription", "utterance", "message", "body", "subject",
		"description", "summary", "external tag", "wrap up tags", "feedback", "remarks", "memo")},
}

// harmless are runs of words that would be sensitive by a part of them.
var harmless = runs("queue name", "tenant name", "campaign name", "division name", "file name", "event name", "team name",
	"skill name", "flow name", "form name", "disposition name", "metric name", "metrics name", "org name", "organization name", "country name",
	"city name", "media name", "card present", "routing rule", "routing ring", "routing skill", "used routing", "requested routings", "message id")

// measures end the names of what is said about a value and is none: mailCount, cardType.
var measures = []string{"type", "types", "count", "counts", "status", "duration", "ms", "seconds", "size", "length", "enabled", "version", "brand", "format",
	"rank", "score", "chars", "timestamp", "timestamps", "millis"}

// general are names that say little without that of the object they are in.
var general = []string{"name", "number", "address", "value", "id"}

// containers are the names of objects more often than of values.
var containers = runs("attributes", "properties", "metadata", "payload", "details", "custom fields", "custom attributes", "extra", "extras", "context",
	"data", "participants", "participant data", "customer", "customers", "contact", "contacts", "sessions", "segments", "members", "headers", "variables")

func runs(phrases ...string) [][]string {
	out := make([][]string, len(phrases))
	for i, p := range phrases {
		out[i] = strings.Fields(p)
	}
	return out
}

// sensitive says what a column of that name is likely to hold, "" for nothing in particular.
func sensitive(name string) (kind string, strong bool) {
	k := kindOf(words(name))
	return k.kind, k.strong
}

// kindOf judges a name by its words. Its zero value is for a name that says nothing.
func kindOf(w []string) kindOfName {
	if len(w) > 1 && slices.Contains(measures, w[len(w)-1]) {
		return kindOfName{}
	}
	if slices.ContainsFunc(harmless, func(run []string) bool { return contains(w, run) }) {
		return kindOfName{}
	}
	for _, k := range kindsOfName {
		if slices.ContainsFunc(k.words, func(run []string) bool { return contains(w, run) }) {
			return k
		}
	}
	return kindOfName{}
}

// kind judges the values at a path by the name of the last member, with that of its object where it says little alone.
func (p Path) kind() kindOfName {
	w := words(p.last())
	if len(w) == 1 && slices.Contains(general, w[0]) {
		w = append(words(p.around().last()), w...)
	}
	return kindOf(w)
}

// container reports a name that objects have.
func (p Path) container() bool {
	return slices.ContainsFunc(containers, func(run []string) bool { return slices.Equal(run, words(p.last())) })
}

// Looks says what a column of that name is likely to hold, such as "a phone number", and "" when the name gives nothing
// away. A name like that of one of the policy's fields, written otherwise, is suspect as well: somebody has renamed
// what the policy treats. Members of objects that the policy keeps are not counted, for their names are everybody's.
func (p *Policy) Looks(name string) string {
	if kind, _ := sensitive(name); kind != "" {
		return kind
	}
	bare := letters(name)
	for _, f := range p.Fields {
		if _, keep := f.Treatment.(Keep); keep && !f.steps.plain() {
			continue
		}
		if slices.ContainsFunc(append([]string{f.steps.last()}, f.Aliases...), func(own string) bool { return letters(own) == bare }) {
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
