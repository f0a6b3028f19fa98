package policy

import "strings"

// Treatment is what happens to a field's values: one of Keep, Drop, Null, Redact, Mask, Token, Card, Date and
// Scrub, and nothing else.
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

// Date cuts a date or timestamp down to a coarser one of the same type and layout.
type Date struct{ Truncate Unit }

// Scrub takes sensitive passages out of free text.
type Scrub struct {
	Detect  []string // detector classes, see Classes
	Context []string // fields whose value in the same row is looked for in the text
}

// TokenLength is the length of a token in base32 characters: 130 bit, so that no collision is expected below
// 10^19 values of one domain.
const TokenLength = 26

// Format is the shape of a token.
type Format string

// The shapes. None of them is a valid phone number, address or card, so that a detector that finds one in
// masked data has found a leak.
const (
	Text  Format = "text"  // prefix and base32
	Phone Format = "phone" // +999, which no country has, and 12 digits; more only where injectivity needs them
	Email Format = "email" // base32@masked.invalid
)

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

// Classes are the detector classes that a policy can name.
var Classes = []string{"phone", "email", "card", "ssn"}

// Form is how a value is made canonical before its token is computed, so that one person is one token in every
// column and file.
type Form string

// The canonical forms.
const (
	TextForm   Form = "text"   // NFKC without surrounding space; letter case counts
	NameForm   Form = "name"   // NFKC, case folded, single spaces
	PhoneForm  Form = "phone"  // digits of the E.164 number
	EmailForm  Form = "email"  // NFKC without surrounding space, lower case
	DigitsForm Form = "digits" // the digits alone
)

// Form is the canonical form of the token's domain. The formats phone and email settle it; for text the
// domain's name does: one that begins with phone or email, one that is card or begins with "card.", one that
// has "name" in it. Every other domain compares text.
func (t Token) Form() Form {
	switch d := t.Domain; {
	case t.Format == Phone:
		return PhoneForm
	case t.Format == Email:
		return EmailForm
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

// Bits is the size of the token space in bits; the format phone has no collisions and reports 0.
func (t Token) Bits() int {
	if t.Format == Phone {
		return 0
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
func (Date) Name() string   { return "date" }
func (Scrub) Name() string  { return "scrub" }

func (Keep) sealed()   {}
func (Drop) sealed()   {}
func (Null) sealed()   {}
func (Redact) sealed() {}
func (Mask) sealed()   {}
func (Token) sealed()  {}
func (Card) sealed()   {}
func (Date) sealed()   {}
func (Scrub) sealed()  {}
