package notes

import (
	"fmt"
	"strings"
)

// labelled are the classes whose values are to be found.
var labelled = map[string]bool{"phone": true, "email": true, "card": true, "ssn": true, "iban": true, "ip": true, "mac": true, "url": true, "dob": true,
	"address": true, "licence": true, "passport": true, "mrn": true, "member": true, "cvv": true, "name": true}

// slots make the values. Those of names that stand alone have the class name.
var slots map[string]func(*maker) string

func init() {
	lower := func(f func(*maker) string) func(*maker) string {
		return func(m *maker) string { return strings.ToLower(f(m)) }
	}
	shapes := func(patterns ...string) func(*maker) string {
		return func(m *maker) string { return m.shaped(of(m, patterns)) }
	}
	slots = map[string]func(*maker) string{
		"name": fullName, "name.lower": lower(fullName),
		"name.last": func(m *maker) string { return of(m, lasts) }, "name.first": func(m *maker) string { return of(m, firsts) },

		"phone": phone, "phone.intl": phoneAbroad, "phone.spoken": func(m *maker) string { return m.spoken(m.nanp(), 3, 3, 4) },
		"phone.spaced": func(m *maker) string { n := m.nanp(); return n[:3] + " " + n[3:6] + " " + n[6:] },
		"email":        email, "email.spoken": emailSpoken,
		"card": card, "card.spaced": func(m *maker) string { return grouped(m.pan("4", 16), " ", 4, 4, 4, 4) },
		"card.spoken": func(m *maker) string { return m.spoken(m.pan("4", 16), 4, 4, 4, 4) },
		"cvv":         shapes("9##"), "cvv.spoken": func(m *maker) string { return m.spoken(m.digits(3), 3) },
		"ssn": ssn, "ssn.spoken": func(m *maker) string { return m.spoken(m.social(), 3, 2, 4) },
		"ssn.itin": func(m *maker) string { return m.shaped("9##-") + fmt.Sprint(50+m.IntN(16)) + m.shaped("-####") },
		"iban":     iban, "ip": ip, "mac": shapes("xx:xx:xx:xx:xx:xx", "xx-xx-xx-xx-xx-xx"), "url": url,
		"dob": birth, "dob.words": birthWords, "dob.words.lower": lower(birthWords), "dob.spoken": birthSpoken,
		"address": address, "address.lower": lower(street), "address.uk": addressUK, "address.eu": addressEU,
		"licence":  shapes("A#######", "AA######", "A###-####-####", "########"),
		"passport": shapes("9########", "A########", "AA#######"),
		"mrn":      shapes("########", "MR-######", "#######", "##-##-##"),
		"member":   shapes("AAA#########", "W#########", "##########-01", "AAA######A"), "member.lower": lower(shapes("AAA#########", "W#########")),

		"order": shapes("SO-#######", "########", "114-#######-#######"), "order.spoken": func(m *maker) string { return m.spoken(m.digits(6), 6) },
		"ticket": shapes("INC0######", "CS-######", "#######"), "reference": shapes("RF########", "AAA-####-##", "Q##A##"),
		"version": shapes("9.##.#", "9.#.##-rc1", "##.9.####"), "uuid": shapes("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"),
		"epoch": func(m *maker) string { return fmt.Sprint(1735689600000 + m.Int64N(47_000_000_000)) },
		"queue": shapes("Q-BILL-##", "queue_9#", "SUP_EMEA_#"), "millis": shapes("9#####", "9####"), "part": shapes("AA-####-A", "9###-####", "AAA#####"),
		"clock": shapes("0#:19", "1#:45", "0#:30"), "mbps": shapes("9##.#", "9#"), "meter": shapes("######", "#####.#"), "tracking": shapes("1ZA##A9##########", "TBA############"),
		"amount": shapes("$9#.##", "$9,###.##", "€ 9##,##", "9##.## USD"), "date": date,
	}
	for alias, slot := range map[string]string{"surname": "name.last", "first": "name.first"} {
		slots[alias], slots[alias+".lower"] = slots[slot], lower(slots[slot])
	}
}

// class is what a slot's values are labelled with.
func class(slot string) string {
	name, _, _ := strings.Cut(slot, ".")
	switch name {
	case "surname", "first":
		return "name"
	}
	return name
}

func fullName(m *maker) string {
	if m.IntN(8) == 0 {
		return of(m, firsts) + " " + string('A'+rune(m.IntN(26))) + ". " + of(m, lasts)
	}
	return of(m, firsts) + " " + of(m, lasts)
}

var months = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

func date(m *maker) string {
	y, mo, d := 2024+m.IntN(3), 1+m.IntN(12), 1+m.IntN(28)
	switch m.IntN(4) {
	case 0:
		return fmt.Sprintf("%d/%d/%d", mo, d, y)
	case 1:
		return fmt.Sprintf("%d-%02d-%02d", y, mo, d)
	case 2:
		return fmt.Sprintf("%s %d", months[mo-1][:3], d)
	}
	return fmt.Sprintf("%02d.%02d.%d", d, mo, y)
}

func birth(m *maker) string {
	y, mo, d := 1935+m.IntN(70), 1+m.IntN(12), 1+m.IntN(28)
	switch m.IntN(4) {
	case 0:
		return fmt.Sprintf("%02d/%02d/%d", mo, d, y)
	case 1:
		return fmt.Sprintf("%d-%02d-%02d", y, mo, d)
	case 2:
		return fmt.Sprintf("%d/%d/%02d", mo, d, y%100)
	}
	return fmt.Sprintf("%02d.%02d.%d", d, mo, y)
}

func birthWords(m *maker) string {
	y, mo, d := 1935+m.IntN(70), months[m.IntN(12)], 1+m.IntN(28)
	if m.IntN(2) == 0 {
		return fmt.Sprintf("%s %d, %d", mo, d, y)
	}
	return fmt.Sprintf("%d %s %d", d, mo, y)
}

func birthSpoken(m *maker) string {
	days := []string{"first", "second", "third", "fourth", "seventh", "ninth", "eleventh", "twelfth", "fifteenth", "twentieth", "twenty third"}
	years := []string{"sixty one", "seventy four", "eighty two", "eighty nine", "ninety three", "fifty five"}
	return strings.ToLower(of(m, months)) + " " + of(m, days) + " nineteen " + of(m, years)
}
