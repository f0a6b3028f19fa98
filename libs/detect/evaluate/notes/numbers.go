package notes

import (
	"fmt"
	"math/big"
	"strings"
)

// nanp is a number of North America (ATIS-0300051: neither area code nor exchange begins with 0 or 1, and no N11).
func (m *maker) nanp() string {
	areas := []string{"206", "213", "305", "312", "404", "415", "503", "512", "602", "617", "702", "713", "808", "917", "403", "604"}
	return of(m, areas) + fmt.Sprintf("%d%02d%04d", 2+m.IntN(8), 20+m.IntN(80), m.IntN(10000))
}

func phone(m *maker) string {
	n := m.nanp()
	a, b, c := n[:3], n[3:6], n[6:]
	return of(m, []string{a + "-" + b + "-" + c, "(" + a + ") " + b + "-" + c, a + "." + b + "." + c, "+1 " + a + " " + b + " " + c, a + b + c,
		"1-" + a + "-" + b + "-" + c, "+1" + a + b + c, a + " " + b + "-" + c})
}

func phoneAbroad(m *maker) string {
	return m.shaped(of(m, []string{"+44 7700 9#####", "+44 20 7946 0###", "+49 30 ########", "+49 171 #######", "+33 6 ## ## ## ##", "+34 6## ### ###",
		"+91 98### #####", "+31 6 ########", "0044 7911 1#####", "+48 5## ### ###", "+353 87 ### ####"}))
}

func email(m *maker) string {
	letter := func(s string) string { return strings.ToLower(plainLetters.Replace(s)) }
	first, last := letter(of(m, firsts)), letter(of(m, lasts))
	local := of(m, []string{first + "." + last, first[:1] + last, first + m.shaped("##"), last + "_" + first, first + "+shop", "info." + last})
	return local + "@" + of(m, []string{"fastmail.com", "web.de", "orange.fr", "btinternet.com", "northwind-traders.co.uk", "lakeside-clinic.org", "proton.me", "uni.edu.pl"})
}

// plainLetters leaves of a name what stands in an address.
var plainLetters = strings.NewReplacer(" ", "", "'", "", "-", "", "é", "e", "ó", "o", "ö", "o", "ü", "u", "Ü", "U", "í", "i", "ł", "l", "ń", "n", "ć", "c",
	"ı", "i", "Ž", "Z", "Ó", "O")

func emailSpoken(m *maker) string {
	first, last := strings.ToLower(plainLetters.Replace(of(m, firsts))), strings.ToLower(plainLetters.Replace(of(m, lasts)))
	local := of(m, []string{first + " dot " + last, first + " underscore " + last, last + " " + first, first})
	return local + " at " + of(m, []string{"gmail dot com", "yahoo dot com", "outlook dot com", "web dot de"})
}

// pan is a card number with its check digit (ISO/IEC 7812-1, annex B).
func (m *maker) pan(prefix string, length int) string {
	n := prefix + m.digits(length-len(prefix)-1)
	sum := 0
	for i := range len(n) {
		d := int(n[len(n)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return n + fmt.Sprint((10-sum%10)%10)
}

func card(m *maker) string {
	switch m.IntN(4) {
	case 0:
		return grouped(m.pan(of(m, []string{"34", "37"}), 15), of(m, []string{" ", "-"}), 4, 6, 5)
	case 1:
		return m.pan(of(m, []string{"51", "52", "55", "4"}), 16)
	case 2:
		return grouped(m.pan(of(m, []string{"4", "53", "6011"}), 16), "-", 4, 4, 4, 4)
	}
	return grouped(m.pan(of(m, []string{"4", "54"}), 16), of(m, []string{" ", "."}), 4, 4, 4, 4)
}

func (m *maker) social() string {
	area := 1 + m.IntN(898)
	if area == 666 {
		area++
	}
	return fmt.Sprintf("%03d%02d%04d", area, 1+m.IntN(99), 1+m.IntN(9999))
}

func ssn(m *maker) string {
	n := m.social()
	return grouped(n, of(m, []string{"-", "-", " "}), 3, 2, 4)
}

func grouped(digits, between string, sizes ...int) string {
	var parts []string
	for _, n := range sizes {
		parts = append(parts, digits[:n])
		digits = digits[n:]
	}
	return strings.Join(parts, between)
}

// iban is an account number with its check digits (ISO 13616-1, mod 97).
func iban(m *maker) string {
	country := of(m, []string{"DE##################", "GBAAAA##############", "NLAAAA##########", "ES####################", "FR#######################"})
	account := m.shaped(country[2:])
	var n strings.Builder
	for _, c := range account + country[:2] + "00" {
		if c >= 'A' {
			fmt.Fprint(&n, c-'A'+10)
		} else {
			n.WriteRune(c)
		}
	}
	v, _ := new(big.Int).SetString(n.String(), 10)
	out := fmt.Sprintf("%s%02d%s", country[:2], 98-v.Mod(v, big.NewInt(97)).Int64(), account)
	if m.IntN(2) == 0 {
		return out
	}
	var parts []string
	for ; len(out) > 4; out = out[4:] {
		parts = append(parts, out[:4])
	}
	return strings.Join(append(parts, out), " ")
}

func ip(m *maker) string {
	if m.IntN(4) == 0 {
		return "2a02" + m.shaped(":9x#:xxxx:9xx::9x") // the letter is none of a pattern
	}
	return fmt.Sprintf("%d.%d.%d.%d", of(m, []int{23, 51, 62, 81, 94, 146, 188, 203}), m.IntN(256), m.IntN(256), 1+m.IntN(254))
}

func url(m *maker) string {
	return of(m, []string{"https://" + strings.ToLower(plainLetters.Replace(of(m, lasts))) + ":" + m.shaped("aaAA##aa") + "@portal.northwind-traders.co.uk/login",
		"https://portal.northwind-traders.co.uk/reset?token=" + m.shaped("aAa#A#aaAA##aAaa##AA"),
		"ftp://backup:" + m.shaped("Aaa##aaa") + "@files.lakeside-clinic.org"})
}

var digitWords = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

// spoken is a number as it is read out, digit by digit: "oh" for zero now and then, and "double" for two that are equal.
func (m *maker) spoken(digits string, groups ...int) string {
	var words []string
	for _, size := range groups {
		group := digits[:size]
		digits = digits[size:]
		for i := 0; i < len(group); i++ {
			word := digitWords[group[i]-'0']
			if word == "zero" && m.IntN(2) == 0 {
				word = "oh"
			}
			if i+1 < len(group) && group[i] == group[i+1] && m.IntN(2) == 0 {
				word = "double " + word
				i++
			}
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
