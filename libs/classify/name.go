package classify

import (
	"slices"
	"strings"
	"unicode"
)

// Name is what a column's name says about its values. Its zero value is for a name that says nothing.
type Name struct {
	Class  Class
	Kind   string // in words, "a phone number"; "" when the name says nothing
	Strong bool   // values single a person out
	Usual  int    // characters of a value, about

	words [][]string // one of these runs of words
}

// Kinds that callers ask for by name.
const (
	PhoneKind = "a phone number"
	CardKind  = "a card number"
	BirthKind = "a date of birth"
)

var names = []Name{
	{Phone, PhoneKind, true, 10, runs("phone", "phones", "telephone", "mobile", "msisdn", "ani", "dnis", "fax", "caller id", "cell number", "phonenumber", "callerid",
		"callback number", "callback numbers", "calling number", "called number", "dialed number", "dialled number", "from number", "to number")},
	{Email, "a mail address", true, 20, runs("email", "emails", "mail", "e mail", "emailaddress")},
	{SSN, "a social security number", true, 9, runs("ssn", "social security", "sin", "tax id", "tin", "national id", "nino")},
	{Card, CardKind, true, 16, runs("card", "pan", "cvv", "cvc", "iban", "cardnumber", "creditcard")},
	{PersonName, "a person's name", true, 6, runs("first name", "last name", "middle name", "full name", "given name", "family name", "surname",
		"firstname", "lastname", "fullname", "customer name", "caller name", "contact name", "agent name", "person name",
		"participant name", "user name", "username", "display name", "maiden name", "remote name", "patient name", "member name")},
	{DOB, BirthKind, true, 10, runs("dob", "birth", "birthday", "birthdate", "dateofbirth")},
	{Document, "an identity document", true, 9, runs("passport", "licence", "license", "driver")},
	{Contact, "an address of a call or message", true, 12, runs("address from", "address to", "address self", "address other", "destination address",
		"destination addresses", "target address", "from address", "to address", "sip uri")},
	{Contact, "an address of a call or message", false, 12, runs("cc", "bcc", "remote", "sender", "recipient", "recipients", "entry reason")},
	{Address, "an address", false, 20, runs("address", "addresses", "street", "postcode", "zip", "zipcode", "postal")},
	{PersonName, "a name", false, 6, runs("name", "names")},
	{Account, "an account number", false, 12, runs("account", "iban", "routing", "member id", "patient")},
	{Network, "a network address", false, 12, runs("ip", "ipaddress", "mac", "protocol call id")},
	{FreeText, "free text", false, 80, runs("notes", "note", "comment", "comments", "transcript", "transcription", "utterance", "message", "body", "subject",
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

// ByName judges the values of a column by its name, with the name of the object it is in where its own says little; that
// may be empty.
func ByName(name, around string) Name {
	w := Words(name)
	if len(w) == 1 && slices.Contains(general, w[0]) {
		w = append(Words(around), w...)
	}
	return byWords(w)
}

// byWords judges a name by its words.
func byWords(w []string) Name {
	if len(w) > 1 && slices.Contains(measures, w[len(w)-1]) {
		return Name{}
	}
	if slices.ContainsFunc(harmless, func(run []string) bool { return contains(w, run) }) {
		return Name{}
	}
	for _, k := range names {
		if slices.ContainsFunc(k.words, func(run []string) bool { return contains(w, run) }) {
			return k
		}
	}
	return Name{}
}

// IsContainer reports a name that objects have more often than values.
func IsContainer(name string) bool {
	w := Words(name)
	return slices.ContainsFunc(containers, func(run []string) bool { return slices.Equal(run, w) })
}

// Letters is a name without case and signs: "Phone_Number" is phonenumber.
func Letters(name string) string {
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

// Words splits a name at changes of case, digits and signs: "customerPhone_2" is customer, phone.
func Words(name string) []string {
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
