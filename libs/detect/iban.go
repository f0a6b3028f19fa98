package detect

// ibanDetector finds international bank account numbers (ISO 13616): two letters of
// a country, two check digits (ISO 7064, mod 97-10) and the account in as many
// letters and digits as that country has, together or in groups.
type ibanDetector struct{}

const (
	maxIBAN = 33
	// maxIBANGroup is the longest group of a number that is written in groups.
	maxIBANGroup = 10
)

// ibanLengths is from the IBAN registry of SWIFT, release 99, and has the countries that
// use such numbers without being in it.
var ibanLengths = func() (t [26 * 26]uint8) {
	for n, countries := range map[uint8]string{
		15: "NO", 16: "BE", 18: "DKFIFKFOGLNLSD", 19: "MKSI", 20: "ATBAEEKZLTLUMNXK", 21: "CHHRLILV", 22: "BGBHCRDEGBGEIEMERSVA",
		23: "AEGIILIQTLOMSO", 24: "ADCZESMDPKROSASESKTNVG", 25: "AOCVGWLYMZPTST", 26: "DZIRISTR",
		27: "BICFCGCMDJFRGAGQGRITKMMCMGMRSMTD",
		28: "ALAZBFBJBYCICYDOGTHUHNLBMAMLNENIPLSNSVTG", 29: "BREGPSQAUA", 30: "JOKWMUYE", 31: "MTSC", 32: "LC", 33: "RU",
	} {
		for ; len(countries) >= 2; countries = countries[2:] {
			t[countryAt([]byte(countries), 0)] = n
		}
	}
	return t
}()

// ibanNumeric are the countries whose accounts have digits alone; in those
// whose length is that of the masker's tokens, 26, nobody uses letters.
var ibanNumeric = func() (t [26 * 26]bool) {
	for c := "ATBABECRCZDEDKEEEGESFIFOGLHRHUILISLTLYMEMNNOPLPTRSSDSESISKSOTNTRVAXKAOCFCGCMCVDZGAGQIRKMMAMGMZTD"; len(c) >= 2; c = c[2:] {
		t[countryAt([]byte(c), 0)] = true
	}
	return t
}()

func countryAt(text []byte, i int) int { return int(lower(text[i])-'a')*26 + int(lower(text[i+1])-'a') }

func (ibanDetector) look(sc *scan) {
	text, start := sc.text, sc.at-2
	if start < 0 || !isLetter(text[start]) || sc.at+1 >= len(text) || !isDigit(text[sc.at+1]) || !wordStart(text, start) {
		return
	}
	country := countryAt(text, start)
	n := int(ibanLengths[country])
	if n == 0 {
		return
	}
	var chars [maxIBAN]byte
	have, group, longest, divided := 0, 0, 0, false
	i := start
	for i < len(text) && have < n {
		if c := text[i]; isAlnum(c) {
			chars[have] = c
			have++
			group++
			longest = max(longest, group)
			i++
			continue
		}
		k, w := gapAt(text, i)
		if w == 0 || k&^(gapSpace|gapDash|gapDot|gapNothing) != 0 {
			return
		}
		if k != gapNothing {
			if i > start && !isAlnum(text[i-1]) {
				return // two separators
			}
			group, divided = 0, true
		}
		i += w
	}
	if have < n || i < len(text) && isAlnum(text[i]) || divided && longest > maxIBANGroup || !sameCase(chars[:n]) {
		return
	}
	if ibanNumeric[country] && !allDigits(chars[2:n]) || hyphened(text, start, i) {
		return
	}
	if mod97(chars[:n]) == 1 {
		sc.hit(start, i, 0.98, "mod-97")
	}
}

// hyphened reports that [start,end) is a part of something longer with hyphens.
func hyphened(text []byte, start, end int) bool {
	return start > 1 && text[start-1] == '-' && isAlnum(text[start-2]) || end+1 < len(text) && text[end] == '-' && isAlnum(text[end+1])
}

// wordStart reports that no letter or digit stands before i.
func wordStart(text []byte, i int) bool {
	return i == 0 || !isAlnum(text[i-1]) || escapedBefore(text, i)
}

func allDigits(w []byte) bool {
	for _, c := range w {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

func sameCase(w []byte) bool {
	upper, lower := false, false
	for _, c := range w {
		upper, lower = upper || isUpper(c), lower || c >= 'a'
	}
	return !upper || !lower
}

// mod97 is the remainder of ISO 7064 with the first four characters at the end.
func mod97(chars []byte) (rest int) {
	for i := range chars {
		c := chars[(i+4)%len(chars)]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(lower(c)-'a') + 10) % 97
		}
	}
	return rest
}
