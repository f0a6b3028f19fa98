package policy

import "strings"

// Treatment is what happens to a field's values: one of Keep, Drop, Null, Redact, Mask, Token, FPE, Fake, Card, Date,
// Shift, Bucket, Zip3, Scrub, Map and JSON, and nothing else.
type Treatment interface {
	// Name is the treatment's key in the YAML.
	Name() string
	sealed()
}

// Keep copies the column as it is.
type Keep struct{}

// Drop leaves the column out.
type Drop struct{}

// Null keeps the column and empties it.
type Null struct{}

// Masked is what a redacted value becomes unless the policy says otherwise.
const Masked = "[MASKED]"

// Redact replaces every value by one constant. Null stays null.
type Redact struct{ With string }

// Mask shows the first and last characters and replaces the others by Char. A value of at most First+Last
// characters is replaced whole.
type Mask struct {
	Char        string // one character, no digit
	First, Last int    // characters
}

// Token replaces a value by a keyed pseudonym: equal values of one domain and scope get equal tokens.
type Token struct {
	Domain string
	Prefix string
	Length int // characters of base32, 5 bit each; TokenLength unless the policy says less
	Format Format
	Scope  Scope
}

// Card shows only what Keep allows of a card number.
type Card struct{ Keep CardKeep }

// FPE replaces a value by another one of the same length and alphabet (FF1), so that it fits where the source's values
// do. What it makes is real grammar: the field needs an Expect where detectors know that grammar.
type FPE struct {
	Domain   string
	Alphabet string // the characters that are permuted, 2 to 64; others stay in place if they are neither letters nor digits
	Scope    Scope
}

// Fake replaces a value by an invented, realistic one: equal values of one domain and scope get equal ones, but two
// values may get the same.
type Fake struct {
	Kind   FakeKind
	Domain string
	Scope  Scope
}

// Date cuts a date or timestamp down to a coarser one of the same type and layout.
type Date struct {
	Truncate Unit
	Earliest int // years before it become it; 0 for no bound. Groups the oldest, as HIPAA asks for ages over 89
}

// Shift moves a date or timestamp by whole days: as many for all dates of one subject, so that their order and the
// time between them stay; other subjects, tenants and environments have other shifts.
type Shift struct {
	By  Reference // the subject; a row without one is a subject of its own, by the row's key
	Max int       // days, in both directions; no shift is zero
}

// Bucket replaces a number by the lower bound of its interval, of the same type.
type Bucket struct {
	Width int64  // intervals begin at multiples of it
	Top   *int64 // numbers from here on become Top; nil for no bound
}

// Zip3 keeps the first three digits of a US ZIP code, 000 where fewer than 20,001 people live (45 CFR 164.514(b)(2)(i)(B))
// and for what is no ZIP code.
type Zip3 struct{}

// Scrub takes sensitive passages out of free text.
type Scrub struct {
	Detect  []string    // detector classes, see Classes
	Context []Reference // fields whose values in the same record are looked for in the text
}

// Map treats an open set of keys and values: a map, or a text that holds a JSON object.
type Map struct {
	Keep   []string // keys whose values stay
	Fields []Field  // keys with a treatment of their own; Path is the key
	// Default is for every other key; Drop leaves key and value out. A key that is not named here and in which a
	// detector finds something becomes a token.
	Default Treatment
}

// JSON treats the values inside a text that holds JSON.
type JSON struct {
	Fields  []Field // by path from the top of the text
	Unknown Unknown // for members that Fields does not name
	Invalid Invalid // for a text that is no JSON
}

// TokenLength is the length of a token in base32 characters: 130 bit, so that no collision is expected below
// 10^19 values of one domain.
const TokenLength = 26

// Format is the shape of a token.
type Format string

// The shapes. But for Digits, none of them is a valid phone number, address or card, so that a detector that finds one
// in masked data has found a leak.
const (
	Text       Format = "text"   // prefix and base32
	Phone      Format = "phone"  // +999, which no country has, and 12 digits; more only where injectivity needs them
	Email      Format = "email"  // base32@masked.invalid
	CardNumber Format = "card"   // as many digits as the card, failing Luhn; the text form for what is no card
	UUID       Format = "uuid"   // version 8 of RFC 9562, 122 bit
	Digits     Format = "digits" // as many digits as the value, six at least; the text form for what has fewer
	Auto       Format = "auto"   // Phone, Email or Text by the value, the first two in the domains phone and email
)

// The domains of Auto's numbers and addresses.
const (
	PhoneDomain = "phone"
	EmailDomain = "email"
)

// FakeKind is what Fake invents.
type FakeKind string

// The kinds.
const (
	FakeName      FakeKind = "name"
	FakeFirstName FakeKind = "firstName"
	FakeLastName  FakeKind = "lastName"
	FakeCompany   FakeKind = "company"
	FakeJob       FakeKind = "job"
	FakeStreet    FakeKind = "street"
	FakeCity      FakeKind = "city"
	FakeState     FakeKind = "state"
	FakeCountry   FakeKind = "country"
)

// Invalid is what happens to a text that should hold JSON and does not.
type Invalid string

// The ways with invalid JSON.
const (
	QuarantineInvalid Invalid = "quarantine" // the row cannot be processed
	RedactInvalid     Invalid = "redact"     // the text becomes [MASKED]
	NullInvalid       Invalid = "null"
)

// Alphabets are those that FPE knows by name.
var Alphabets = map[string]string{
	"digits":       "0123456789",
	"lower":        "abcdefghijklmnopqrstuvwxyz",
	"upper":        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"alpha":        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"alphanumeric": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"hex":          "0123456789abcdef",
}

// Scope says among which rows equal values get equal tokens.
type Scope string

// The scopes.
const (
	TenantScope      Scope = "tenant"
	EnvironmentScope Scope = "environment"
)

// CardKeep is what a masked card number still shows.
type CardKeep string

// What a masked card number can show.
const (
	KeepNone       CardKeep = "none"
	KeepLast4      CardKeep = "last4"
	KeepFirst6Last CardKeep = "first6last4"
)

// Unit is the unit that a truncated date keeps.
type Unit string

// The units.
const (
	Day   Unit = "day"
	Month Unit = "month"
	Year  Unit = "year"
)

// Classes are the detector classes that a policy can name: those of package detect, the four first that texts of
// contact centres are full of. A policy that names none means all.
var Classes = []string{"phone", "email", "card", "ssn", "iban", "ip", "mac", "url", "dob", "address", "licence", "passport", "mrn", "member", "cvv", "name"}

// Form is how a value is made canonical before its token is computed, so that one person is one token in every
// column and file.
type Form string

// The canonical forms.
const (
	TextForm   Form = "text"   // NFKC without surrounding space; letter case counts
	NameForm   Form = "name"   // NFKC, case folded, single spaces
	PhoneForm  Form = "phone"  // digits of the E.164 number
	EmailForm  Form = "email"  // NFKC without surrounding space, lower case; of a mailto: or a name and <address> the address
	DigitsForm Form = "digits" // the digits alone
	UUIDForm   Form = "uuid"   // as TextForm, but a UUID in lower case
)

// Form is the canonical form of the token's domain. Every format but text and auto settles it; for those two the
// domain's name does: one that begins with phone or email, one that is card or begins with "card.", one that
// has "name" in it. Every other domain compares text.
func (t Token) Form() Form {
	switch d := t.Domain; {
	case t.Format == Phone:
		return PhoneForm
	case t.Format == Email:
		return EmailForm
	case t.Format == CardNumber, t.Format == Digits:
		return DigitsForm
	case t.Format == UUID:
		return UUIDForm
	case strings.HasPrefix(d, "phone"):
		return PhoneForm
	case strings.HasPrefix(d, "email"):
		return EmailForm
	case d == "card" || strings.HasPrefix(d, "card."):
		return DigitsForm
	case strings.Contains(d, "name"):
		return NameForm
	default:
		return TextForm
	}
}

// Bits is the size of the token space in bits; formats that permute digits have no collisions and report 0.
func (t Token) Bits() int {
	switch t.Format {
	case Phone, CardNumber, Digits:
		return 0
	case UUID:
		return 122
	}
	return 5 * t.Length
}

func (Keep) Name() string   { return "keep" }
func (Drop) Name() string   { return "drop" }
func (Null) Name() string   { return "null" }
func (Redact) Name() string { return "redact" }
func (Mask) Name() string   { return "mask" }
func (Token) Name() string  { return "token" }
func (Card) Name() string   { return "card" }
func (FPE) Name() string    { return "fpe" }
func (Fake) Name() string   { return "fake" }
func (Date) Name() string   { return "date" }
func (Shift) Name() string  { return "date" }
func (Bucket) Name() string { return "bucket" }
func (Zip3) Name() string   { return "zip3" }
func (Scrub) Name() string  { return "scrub" }
func (Map) Name() string    { return "map" }
func (JSON) Name() string   { return "json" }

func (Keep) sealed()   {}
func (Drop) sealed()   {}
func (Null) sealed()   {}
func (Redact) sealed() {}
func (Mask) sealed()   {}
func (Token) sealed()  {}
func (Card) sealed()   {}
func (FPE) sealed()    {}
func (Fake) sealed()   {}
func (Date) sealed()   {}
func (Shift) sealed()  {}
func (Bucket) sealed() {}
func (Zip3) sealed()   {}
func (Scrub) sealed()  {}
func (Map) sealed()    {}
func (JSON) sealed()   {}
