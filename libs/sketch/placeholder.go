package sketch

import "slices"

// placeholders are what people and programs write where they have no value, in canonical form and in order. They are in
// no sketch, since they are found everywhere.
var placeholders = []string{
	"0123456789", "1234567", "12345678", "123456789", "1234567890", "12345678901", "123456", "654321", "987654321", "9876543210",
	"admin@example.com", "anonymous", "anonymous caller", "anonymous user", "customer service", "deleted user", "donotreply@example.com",
	"email@example.com", "first last", "info@example.com", "jane doe", "john doe", "mail@example.com", "n/a@n/a.com", "na@na.com", "no caller id",
	"no email", "no name", "no@email.com", "noemail@noemail.com", "none@none.com", "noname", "noreply@example.com", "not applicable",
	"not available", "not provided", "private number", "restricted number", "test test", "test user", "test@example.com", "test@test.com",
	"unknown caller", "unknown customer", "unknown name", "unknown unknown", "unknown user", "unknown@unknown.com", "user@example.com",
}

// listed has a bit for each placeholder, by its length and its ends: most values have none.
var listed [32]uint64

func init() {
	slices.Sort(placeholders)
	for _, p := range placeholders {
		at := mark([]byte(p))
		listed[at/64] |= 1 << (at % 64)
	}
}

func mark(form []byte) int {
	return (len(form)*67 + int(form[0])*5 + int(form[len(form)-1])) % (64 * len(listed))
}

// Placeholder reports that a canonical form is a placeholder: one of a list, or one character over and over.
func Placeholder(form []byte) bool {
	if len(form) == 0 {
		return true
	}
	if at := mark(form); listed[at/64]&(1<<(at%64)) != 0 {
		if _, known := slices.BinarySearch(placeholders, string(form)); known {
			return true
		}
	}
	for _, c := range form[1:] {
		if c != form[0] {
			return false
		}
	}
	return true
}
