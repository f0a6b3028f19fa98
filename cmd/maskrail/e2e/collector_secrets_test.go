package e2e

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/maskrail/maskrail/libs/canary"
)

// secretKinds are the kinds of values that the files of the tests hold.
var secretKinds = []string{"phone", "email", "external id", "full name", "first name", "last name", "card", "ssn", "agent", "birth date"}

// readParquet takes in all that is sensitive in a raw file, as it stands there and in the other ways to write it.
func (s *secrets) readParquet(file string) { s.read("read_parquet('" + file + "')") }

func (s *secrets) readCSV(file string) { s.read("read_csv('" + file + "', all_varchar=true)") }

func (s *secrets) readJSON(file string) { s.read("read_json('" + file + "')") }

func (s *secrets) read(table string) {
	s.t.Helper()
	for column, add := range map[string]func(string){
		"phoneNumber":                   s.phone,
		"emailAddress":                  s.email,
		"externalId":                    func(v string) { s.add(secret{"external id", v, word, true}) },
		"agentId":                       func(v string) { s.add(secret{"agent", v, word, true}) },
		"cardNumber":                    s.card,
		"ssn":                           s.ssn,
		"dateOfBirth":                   s.birth,
		"firstName":                     func(v string) { s.add(secret{"first name", v, word, len(v) >= 8}) },
		"lastName":                      func(v string) { s.add(secret{"last name", v, word, len(v) >= 8}) },
		"firstName || ' ' || lastName":  func(v string) { s.add(secret{"full name", v, word, true}) },
		"lastName || ', ' || firstName": func(v string) { s.add(secret{"full name", v, word, true}) },
		"notes":                         s.notes,
	} {
		rows := query(s.t, "", fmt.Sprintf("SELECT DISTINCT CAST(%s AS VARCHAR) AS v FROM %s WHERE v IS NOT NULL", column, table))
		if len(rows) == 0 {
			s.t.Fatalf("no %s in %s", column, table)
		}
		for _, r := range rows {
			add(r[0])
		}
	}
}

// What agents write down. The names among it are those of the columns.
var (
	notedPhone = regexp.MustCompile(`(?:\+1|\(|\b)\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b`)
	notedEmail = regexp.MustCompile(`\S+@\S+\w`)
	notedCard  = regexp.MustCompile(`\b(?:\d{4}[ -]){3}\d{4}\b|\b[3-6]\d{14,15}\b`)
	notedSSN   = regexp.MustCompile(`\b\d{3}-\d{2}-\d{4}\b`)
)

func (s *secrets) notes(note string) {
	// Numbers that say what they are, and are no person's: order numbers, milliseconds.
	for _, v := range notedPhone.FindAllString(notedCard.ReplaceAllString(note, ""), -1) {
		if strings.Contains(v, "555") {
			s.phone(v)
		}
	}
	for _, v := range notedEmail.FindAllString(note, -1) {
		s.email(v)
	}
	for _, v := range notedCard.FindAllString(note, -1) {
		s.card(v)
	}
	for _, v := range notedSSN.FindAllString(note, -1) {
		s.ssn(v)
	}
}

// phone adds a US number in the ways in which people and systems write it. A leading + or parenthesis is left away, so
// that what follows it is found with or without.
func (s *secrets) phone(v string) {
	d := onlyDigits(v)
	d = strings.TrimPrefix(d, "1") // no area code begins with 1
	if len(d) != 10 {
		s.t.Fatalf("%q is no number from the US", v)
	}
	a, b, c := d[:3], d[3:6], d[6:]
	for _, form := range []string{d, "1" + d, a + "-" + b + "-" + c, a + "." + b + "." + c, a + " " + b + " " + c, a + ") " + b + "-" + c, a + ")" + b + "-" + c,
		a + "%20" + b + "-" + c, a + "%29%20" + b + "-" + c} {
		s.add(secret{"phone", form, digits, true})
	}
}

// addCanaries takes in the values of canary records, which no file of the tests holds.
func (s *secrets) addCanaries() {
	v := canary.Values()
	s.phone(v["phone"])
	s.email(v["email"])
	s.card(v["card"])
	s.ssn(v["ssn"])
	s.add(secret{"full name", v["name"], word, true})
}

func (s *secrets) email(v string) {
	for _, at := range []string{"@", "%40", "=40"} {
		s.add(secret{"email", strings.Replace(v, "@", at, 1), word, true})
	}
}

// card adds a card number; its last four digits are allowed to stay.
func (s *secrets) card(v string) {
	d := onlyDigits(v)
	s.add(secret{"card", d, digits, true})
	if len(d) == 16 {
		for _, sep := range []string{" ", "-"} {
			s.add(secret{"card", strings.Join([]string{d[:4], d[4:8], d[8:12], d[12:]}, sep), digits, true})
		}
	}
}

// ssn adds a social security number. Nine digits without a sign between them are written by chance more often than
// the rest, in digests for example, so those count only as a number of their own.
func (s *secrets) ssn(v string) {
	d := onlyDigits(v)
	s.add(secret{"ssn", d, word, false})
	for _, sep := range []string{" ", "-"} {
		s.add(secret{"ssn", d[:3] + sep + d[3:5] + sep + d[5:], digits, true})
	}
}

// birth adds a date of birth. The year may stay, and the first of January is how a year is written.
func (s *secrets) birth(v string) {
	y, m, d := v[:4], v[5:7], v[8:10]
	if m+d == "0101" {
		return
	}
	for _, form := range []string{y + "-" + m + "-" + d, m + "/" + d + "/" + y, d + "." + m + "." + y, y + m + d} {
		s.add(secret{"birth date", form, word, false})
	}
}

func onlyDigits(v string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, v)
}
