package calendar

// DateLen is the length of a date, 2006-01-02.
const DateLen = len("2006-01-02")

// maxFraction is the most digits of the fraction of a second: nanoseconds.
const maxFraction = 9

// Parse reads a date, or a date with a time of day, in the extended form of ISO 8601:
//
//	2006-01-02
//	2006-01-02T15:04, 2006-01-02T15:04:05, 2006-01-02T15:04:05.123 with one to nine digits; a space instead of the T
//	a time of day followed by Z, +07, +0700 or +07:00
//
// It gives the day as it is written, whatever the offset, and where in text the time of day ends, which is where the
// offset begins. ok is false for everything else, and for what no calendar or clock shows.
func Parse(text []byte) (day int64, end int, ok bool) {
	if len(text) < DateLen || text[4] != '-' || text[7] != '-' {
		return 0, 0, false
	}
	year, month, of := pair(text[0], text[1])*100+pair(text[2], text[3]), pair(text[5], text[6]), pair(text[8], text[9])
	if year < 0 || month < 1 || month > 12 || of < 1 || of > length(year, month) {
		return 0, 0, false
	}
	end = DateLen
	if len(text) > DateLen {
		if text[DateLen] != 'T' && text[DateLen] != ' ' {
			return 0, 0, false
		}
		n := clock(text[DateLen+1:])
		if n == 0 {
			return 0, 0, false
		}
		end += 1 + n
		if !zone(text[end:]) {
			return 0, 0, false
		}
	}
	return Day(int64(year), month, of), end, true
}

// PutDate writes a day of First to Last over the first DateLen bytes of text.
func PutDate(text []byte, n int64) {
	y, month, day := Date(n)
	year := uint32(y)
	text[0], text[1] = byte('0'+year/1000), byte('0'+year/100%10)
	text[2], text[3] = byte('0'+year/10%10), byte('0'+year%10)
	text[5], text[6] = byte('0'+month/10), byte('0'+month%10)
	text[8], text[9] = byte('0'+day/10), byte('0'+day%10)
}

// clock is how many bytes at the start of text are a time of day, 0 for none.
func clock(text []byte) int {
	if !sixties(text, 24) || len(text) < 5 || text[2] != ':' || !sixties(text[3:], 60) {
		return 0
	}
	n := 5
	if len(text) == n || text[n] != ':' {
		return n
	}
	if !sixties(text[n+1:], 60) {
		return 0
	}
	n += 3
	if len(text) == n || text[n] != '.' && text[n] != ',' {
		return n
	}
	from := n + 1
	for n++; n < len(text) && text[n] >= '0' && text[n] <= '9'; n++ {
	}
	if n == from || n-from > maxFraction {
		return 0
	}
	return n
}

// zone reports that text is nothing, or an offset from UTC below a day.
func zone(text []byte) bool {
	if len(text) == 0 || len(text) == 1 && text[0] == 'Z' {
		return true
	}
	if text[0] != '+' && text[0] != '-' || !sixties(text[1:], 24) {
		return false
	}
	text = text[3:]
	if len(text) == 3 && text[0] == ':' {
		text = text[1:]
	}
	return len(text) == 0 || len(text) == 2 && sixties(text, 60)
}

// sixties reports that text begins with two digits that are a number below limit.
func sixties(text []byte, limit int) bool {
	if len(text) < 2 {
		return false
	}
	n := pair(text[0], text[1])
	return n >= 0 && n < limit
}

// pair is the value of two digits. It is so far below 0 for what else there is that a hundred more do not make up for it.
func pair(a, b byte) int {
	a, b = a-'0', b-'0'
	if a > 9 || b > 9 {
		return -1 << 20
	}
	return 10*int(a) + int(b)
}

// length is the number of days of a month.
func length(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
