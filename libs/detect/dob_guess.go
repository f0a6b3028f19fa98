package detect

// oldDate guesses dates of birth by their year: what contact centres write about
// happened in the last years, but for the days on which customers were born.
type oldDate struct{ named bool } // its month is, and its name the cue

const (
	minOldDate = 5
	// Customers are born in these years; other dates of them are rare in texts.
	firstBirth, lastBirth = 1920, 2008
)

func monthCues() (list []string) {
	for _, name := range months.names {
		if len(name) > 2 {
			list = append(list, name)
		}
	}
	return list
}

func (d oldDate) look(sc *scan) {
	text, at := sc.text, sc.at
	if !d.named {
		if at = sc.groups[0].start; len(sc.groups) < 3 || len(sc.digits) > 8 {
			return
		}
	} else if c, ok := chunkBefore(text, at, false); ok && isDigit(text[c.start]) { // "14 March 1971"
		at = c.start
	}
	end := dateAt(text, at)
	if end == 0 || !wholeDate(text[at:end]) || end < len(text) && (text[end] == '-' || text[end] == '/' || text[end] == ':' || isAlnum(text[end])) {
		return
	}
	if at > 0 && (text[at-1] == '-' || text[at-1] == '/' || text[at-1] == '.' || text[at-1] == '_') {
		return
	}
	sc.hit(at, end, 0.4, "date-old")
}

// wholeDate reports a year of birth in the date, a day beside it, and no time of day.
func wholeDate(w []byte) bool {
	year, day := false, false
	for i := 0; i < len(w); {
		if !isDigit(w[i]) {
			if w[i] == ':' {
				return false
			}
			i++
			continue
		}
		v, end := numberAt(w, i)
		switch end - i {
		case 4:
			year = year || v >= firstBirth && v <= lastBirth
		case 1, 2:
			day = true
		default:
			return false
		}
		i = end
	}
	return year && day
}
