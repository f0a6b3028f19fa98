package detect

// minDate is the fewest digits of a date of birth: "born on March 5".
const minDate = 1

// months by name, also those of German, French, Spanish and Italian that differ.
var months = func() *words {
	m := map[string]uint8{"sept": 9}
	for i, names := range [][]string{
		{"january", "jan", "januar", "janvier", "enero", "gennaio"}, {"february", "feb", "februar", "fevrier", "febrero", "febbraio"},
		{"march", "mar", "maerz", "mars", "marzo"}, {"april", "apr", "avril", "abril", "aprile"}, {"may", "mai", "mayo", "maggio"},
		{"june", "jun", "juni", "juin", "junio", "giugno"}, {"july", "jul", "juli", "juillet", "julio", "luglio"},
		{"august", "aug", "aout", "agosto"}, {"september", "sep", "septembre", "septiembre", "settembre"},
		{"october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre"}, {"november", "nov", "novembre", "noviembre"},
		{"december", "dec", "dezember", "dez", "diciembre", "dicembre"},
	} {
		for _, name := range names {
			m[name] = uint8(i + 1)
		}
	}
	return newWords(m)
}()

// monthAt is the end of the month's name at i, i when there is none.
func monthAt(text []byte, i int) int {
	end := i
	for end < len(text) && isLetter(text[end]) {
		end++
	}
	if end < len(text) && text[end] >= 0x80 {
		t := readWideWord(text, i)
		var name [16]byte
		for j := range name {
			k := t.key.low
			if j >= 8 {
				k = t.key.high
			}
			name[j] = byte(k >> (j % 8 * 8))
		}
		n := 0
		for n < len(name) && name[n] != 0 {
			n++
		}
		if months.has(name[:n]) || string(name[:n]) == "marz" {
			return t.end
		}
		return i
	}
	if !months.has(text[i:end]) {
		return i
	}
	return end
}

// dateAt is the end of the date at i, 0 when there is none: day, month and year in
// any order as numbers, or with the month's name. A time right behind an ISO date
// belongs to it.
func dateAt(text []byte, i int) int {
	if i >= len(text) || !wordStart(text, i) {
		return 0
	}
	end := numericDate(text, i)
	switch {
	case end > 0:
	case isDigit(text[i]):
		end = dayFirst(text, i)
	default:
		end = monthFirst(text, i)
	}
	if end == 0 || end < len(text) && isDigit(text[end]) {
		return 0
	}
	if end+2 < len(text) && (text[end] == 'T' || text[end] == ' ') && isDigit(text[end+1]) {
		if t := clockEnd(text, end+1); t > 0 {
			return t
		}
	}
	if end < len(text) && isLetter(text[end]) {
		return 0
	}
	return end
}

// clockEnd is the end of the time of day at i, with fraction and zone, 0 for none.
func clockEnd(text []byte, i int) int {
	_, end := numberAt(text, i)
	if end-i != 2 || end+2 >= len(text) || text[end] != ':' || !isDigit(text[end+1]) {
		return 0
	}
	for end < len(text) && (isDigit(text[end]) || (text[end] == ':' || text[end] == '.') && end+1 < len(text) && isDigit(text[end+1])) {
		end++
	}
	if end < len(text) && text[end] == 'Z' {
		end++
	}
	return end
}

// numberAt reads up to nine digits.
func numberAt(text []byte, i int) (v, end int) {
	for end = i; end < len(text) && end-i < 9 && isDigit(text[end]); end++ {
		v = v*10 + int(text[end]-'0')
	}
	return v, end
}

// dateMark is the width of a separator between the numbers of a date, 0 for none.
func dateMark(text []byte, i int) int {
	k, w := gapAt(text, i)
	if w == 0 || k&(gapSlash|gapDash|gapDot|gapSpace|gapUnder) == 0 {
		return 0
	}
	if k == gapDot || k == gapSlash || k == gapDash { // "5. 3. 1980"
		if k2, w2 := gapAt(text, i+w); w2 > 0 && k2 == gapSpace {
			return w + w2
		}
	}
	return w
}

func numericDate(text []byte, i int) int {
	a, end := numberAt(text, i)
	na := end - i
	if na == 8 || na == 6 {
		if compactDate(text[i:end]) {
			return end
		}
		return 0
	}
	w := dateMark(text, end)
	if na > 4 || na == 3 || w == 0 {
		return 0
	}
	at := end + w
	b, end := numberAt(text, at)
	nb := end - at
	w = dateMark(text, end)
	if nb < 1 || nb > 2 || w == 0 {
		return 0
	}
	at = end + w
	c, end := numberAt(text, at)
	nc := end - at
	switch {
	case na == 4 && nc >= 1 && nc <= 2:
		if isYear(a) && isDayMonth(b, c) {
			return end
		}
	case na <= 2 && (nc == 4 && isYear(c) || nc == 2):
		if isDayMonth(a, b) {
			return end
		}
	}
	return 0
}

// compactDate is year, month and day without separators, in the usual orders.
func compactDate(d []byte) bool {
	n := func(i int) int { return int(d[i]-'0')*10 + int(d[i+1]-'0') }
	if len(d) == 6 {
		return isDayMonth(n(0), n(2)) || isDayMonth(n(2), n(4))
	}
	return isYear(n(0)*100+n(2)) && isDayMonth(n(4), n(6)) || isYear(n(4)*100+n(6)) && isDayMonth(n(0), n(2))
}

func isYear(y int) bool { return y >= 1880 && y <= 2099 }

func isDayMonth(a, b int) bool { return a >= 1 && b >= 1 && (a <= 12 && b <= 31 || a <= 31 && b <= 12) }

// dayFirst is the end of "5th of March 1980", and of the like without a year.
func dayFirst(text []byte, i int) int {
	day, end := numberAt(text, i)
	if end-i > 2 || day < 1 || day > 31 {
		return 0
	}
	end = ordinalEnd(text, end)
	at := dateSpace(text, end)
	if at+3 < len(text) && lower(text[at]) == 'o' && lower(text[at+1]) == 'f' && text[at+2] == ' ' {
		at += 3
	}
	if at+3 < len(text) && isWord(text[at:at+3], "de ") {
		at += 3
	}
	if at >= len(text) {
		return 0
	}
	m := monthAt(text, at)
	if m == at {
		return 0
	}
	return yearAfter(text, m)
}

// monthFirst is the end of "March 5th, 1980", of "March 1980", and of "March 5".
func monthFirst(text []byte, i int) int {
	m := monthAt(text, i)
	if m == i {
		return 0
	}
	at := dateSpace(text, m)
	day, end := numberAt(text, at)
	switch n := end - at; {
	case n == 4 && isYear(day):
		return end
	case n < 1 || n > 2 || day < 1 || day > 31:
		return 0
	}
	return yearAfter(text, ordinalEnd(text, end))
}

// yearAfter is the end of the year behind i, i when there is none.
func yearAfter(text []byte, i int) int {
	at := dateSpace(text, i)
	if at+3 < len(text) && isWord(text[at:at+3], "de ") {
		at += 3
	}
	if at < len(text) && text[at] == '\'' {
		at++
	}
	y, end := numberAt(text, at)
	if n := end - at; n == 4 && isYear(y) || n == 2 && at > i {
		if n == 2 && (y == 19 || y == 20) && end < len(text) && text[end] == ' ' { // "nineteen eighty"
			if _, last := numberAt(text, end+1); last == end+3 {
				return last
			}
		}
		return end
	}
	return i
}

func ordinalEnd(text []byte, i int) int {
	if i+1 < len(text) && ordinals.has(text[i:i+2]) && (i+2 == len(text) || !isLetter(text[i+2])) {
		return i + 2
	}
	return i
}

var ordinals = wordSet("st", "nd", "rd", "th")

// dateSpace steps over what stands between the parts of a date with a name in it.
func dateSpace(text []byte, i int) int {
	for n := 0; i < len(text) && n < 3; n++ {
		c := text[i]
		if c != ' ' && c != ',' && c != '.' && c != '-' && c != '/' {
			break
		}
		i++
	}
	return i
}
