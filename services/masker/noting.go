package masker

import (
	"slices"
	"strings"
	"unicode"

	"github.com/maskrail/maskrail/libs/policy"
)

// noting says what is noted of the values of a field: for the sketch, when its treatment takes them out, and to count
// tokens, when it makes some.
type noting struct {
	class valueClass
	token *policy.Token // how values are compared where their tokens are counted; nil for those that are not
	form  policy.Form   // the token's, else TextForm
	tells bool          // the operator tells the forms of the values that it masks
	raw   bool          // they are compared as they are written, as FPE does
	// ids says that what autoClass takes for a text is an id by the field's name. Addresses of calls can be the ids of
	// queues and flows, which are the organisation's own and kept elsewhere.
	ids bool
	// The spaces in which values are counted, in Plan.spaces; of the format auto three, else -1 but for own.
	own, phone, mail int
	counted          []int // the same, in ascending order
}

// valueClass is what the values of a field are, for the sketch.
type valueClass uint8

const (
	noClass    valueClass = iota
	phoneClass            // telephone numbers
	mailClass             // mail addresses
	digitClass            // numbers with separators: cards, social security numbers
	idClass               // ids, of digits or of digits and letters
	nameClass             // names of persons; two words and more are noted
	autoClass             // as the format auto tells them apart
	anyClass              // whatever: mail addresses and numbers with a plus are noted
)

// space is a domain and scope in which equal values have equal tokens.
type space struct {
	domain string
	scope  policy.Scope
}

// pair are the fields of a first and a last name in one object.
type pair struct{ first, last int }

// noteFields says of every field what is noted of it.
func (p *Plan) noteFields() {
	for i := range p.fields {
		f := &p.fields[i]
		f.noting = noting{own: -1, phone: -1, mail: -1}
		if f.node == nil {
			continue
		}
		f.noting = p.notingOf(f.node)
		f.noting.counted = f.noting.spaces()
		f.noting.tells = f.noting.token != nil && tells(f.operator)
	}
	for last := range p.fields {
		around, name := split(p.fields[last].Path)
		if p.fields[last].noting.class != nameClass || !says(name, lastNames) {
			continue
		}
		for first := range p.fields {
			other, name := split(p.fields[first].Path)
			if first != last && other == around && p.fields[first].noting.class == nameClass && says(name, firstNames) {
				p.pairs = append(p.pairs, pair{first, last})
				break
			}
		}
	}
}

func (p *Plan) notingOf(n *policy.Node) noting {
	w := noting{form: policy.TextForm, own: -1, phone: -1, mail: -1}
	for _, f := range n.Fields { // a value that one of them keeps must not be taken for one that was taken out
		class := takenOut(f, n.Name)
		if class == noClass {
			w.class = noClass
			break
		}
		w.class = class
	}
	if len(n.Fields) != 1 { // which treatment made a token cannot be told from it
		return w
	}
	switch t := n.Fields[0].Treatment.(type) {
	case policy.Token:
		w.token, w.form, w.own = &t, t.Form(), p.space(t.Domain, t.Scope)
		if t.Format == policy.Auto {
			w.ids = takenOut(policy.Field{Treatment: policy.Drop{}}, n.Name) == idClass
			w.phone, w.mail = p.space(policy.PhoneDomain, t.Scope), p.space(policy.EmailDomain, t.Scope)
		}
	case policy.FPE:
		w.raw, w.own = true, p.space(t.Domain, t.Scope)
	}
	return w
}

// spaces are those in which values of the field are counted, in ascending order.
func (w *noting) spaces() []int {
	var all []int
	for _, at := range []int{w.own, w.phone, w.mail} {
		if at >= 0 {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (p *Plan) space(domain string, scope policy.Scope) int {
	s := space{domain, scope}
	if i := slices.Index(p.spaces, s); i >= 0 {
		return i
	}
	p.spaces = append(p.spaces, s)
	return len(p.spaces) - 1
}

// takenOut is what a treatment takes out, noClass for one that leaves something of the values.
func takenOut(f policy.Field, name string) valueClass {
	switch t := f.Treatment.(type) {
	case policy.Token:
		if t.Format == policy.Auto {
			return autoClass
		}
		switch t.Form() {
		case policy.PhoneForm:
			return phoneClass
		case policy.EmailForm:
			return mailClass
		case policy.DigitsForm:
			return digitClass
		case policy.NameForm:
			return nameClass
		}
		return idClass
	case policy.Card:
		return digitClass
	case policy.FPE:
		return idClass
	case policy.Fake:
		switch t.Kind {
		case policy.FakeName, policy.FakeFirstName, policy.FakeLastName:
			return nameClass
		}
		return anyClass
	case policy.Redact, policy.Mask, policy.Null, policy.Drop:
		return classByName(name)
	}
	return noClass
}

// Words that names of columns have by what is in them.
var (
	firstNames  = []string{"first", "given", "forename", "firstname", "givenname"}
	lastNames   = []string{"last", "family", "surname", "lastname", "familyname"}
	namesByWord = []struct {
		class valueClass
		words []string
	}{
		{mailClass, []string{"mail", "email", "emailaddress"}},
		{phoneClass, []string{"phone", "telephone", "mobile", "ani", "dnis", "fax", "msisdn", "callerid", "phonenumber"}},
		{digitClass, []string{"card", "pan", "ssn", "sin", "tin", "iban", "cardnumber"}},
		{nameClass, append([]string{"name", "fullname", "username"}, append(firstNames, lastNames...)...)},
		{idClass, []string{"id", "ids", "account", "customer", "member", "patient", "passport", "licence", "license", "contract", "policy", "number", "guid", "uuid"}},
	}
)

// classByName judges the values of a field by its name.
func classByName(name string) valueClass {
	for _, n := range namesByWord {
		if says(name, n.words) {
			return n.class
		}
	}
	return anyClass
}

// says reports that a name has one of the words: phoneNumber, phone_number and PHONE-NUMBER have phone and number.
func says(name string, words []string) bool {
	var word []rune
	letters := []rune(name)
	for i, r := range letters {
		begins := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins || !unicode.IsLetter(r) {
			if slices.Contains(words, strings.ToLower(string(word))) {
				return true
			}
			word = word[:0]
		}
		if unicode.IsLetter(r) {
			word = append(word, r)
		}
	}
	return slices.Contains(words, strings.ToLower(string(word)))
}

// split parts the path of a field into that of its object and its name.
func split(path string) (around, name string) {
	i := strings.LastIndexByte(path, '.')
	return path[:i+1], path[i+1:]
}
