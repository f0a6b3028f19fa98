package classify

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
)

// shape is what the values of a sample look like, in shares of them.
type shape struct {
	values                              int
	distinct                            float64
	flag, uuid, time, birth, number     float64
	json, sentence, proper, code, digit float64 // digit: has five digits or more
	blank                               float64 // has blanks inside
	fraction                            float64 // is a number with a point
	length                              float64 // characters, mean
}

func shapeOf(values []string) shape {
	s := shape{values: len(values)}
	if len(values) == 0 {
		return s
	}
	distinct := map[string]bool{}
	count := func(share *float64, is bool) {
		if is {
			*share++
		}
	}
	for _, v := range values {
		distinct[v] = true
		at, isTime := moment(v)
		isNumber := number(v)
		count(&s.flag, slices.Contains(flags, strings.ToLower(v)))
		count(&s.uuid, uuid(v))
		count(&s.time, isTime)
		count(&s.birth, isTime && !at.IsZero() && at.Year() >= 1900 && at.Year() <= lastBirth && at.Equal(at.Truncate(24*time.Hour)))
		count(&s.number, isNumber)
		count(&s.json, (v[0] == '{' || v[0] == '[') && (len(v) == maxValue || json.Valid([]byte(v))))
		count(&s.sentence, sentence(v))
		count(&s.proper, proper(v))
		count(&s.code, code(v))
		count(&s.digit, digits(v) >= 5)
		count(&s.blank, strings.ContainsAny(v, " \t\n"))
		count(&s.fraction, isNumber && strings.Contains(v, "."))
		s.length += float64(len(v))
	}
	n := float64(len(values))
	for _, share := range []*float64{&s.flag, &s.uuid, &s.time, &s.birth, &s.number, &s.json, &s.sentence, &s.proper, &s.code, &s.digit, &s.blank, &s.fraction, &s.length} {
		*share /= n
	}
	s.distinct = float64(len(distinct)) / n
	return s
}

var flags = []string{"true", "false", "yes", "no", "y", "n", "0", "1", "t", "f", "on", "off"}

// lastBirth is the year up to which dates alone are taken for dates of birth: later ones are of records.
const lastBirth = 2012

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05.999999", time.DateOnly, "01/02/2006", "02.01.2006", "20060102"}

// moment reads a date or time. Of one written as seconds or milliseconds since 1970 the time is zero.
func moment(v string) (time.Time, bool) {
	if n := digits(v); n == len(v) && (n == 10 && v[0] == '1' || n == 13 && v[0] == '1') {
		return time.Time{}, true
	}
	if len(v) < 8 || len(v) > 40 {
		return time.Time{}, false
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, v); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

func number(v string) bool {
	v = strings.TrimLeft(v, "+-")
	dots := strings.Count(v, ".")
	return v != "" && dots <= 1 && digits(v) == len(v)-dots && len(v) > dots
}

func digits(v string) int {
	n := 0
	for i := range len(v) {
		if v[i] >= '0' && v[i] <= '9' {
			n++
		}
	}
	return n
}

func uuid(v string) bool {
	if len(v) != 36 || v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-' {
		return false
	}
	return !strings.ContainsFunc(v, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F') && r != '-'
	})
}

// common are words that sentences have and names have not.
var common = setOf(`a about after again all also an and any are as at back be because been before but by call called can could customer
	did do does for from get had has have he her him his how i if in is issue it just me more my need needs new no not now of on one or our out please she so
	some than thank thanks that the their them then there they this to today up very want wants was we were what when will with would you your`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// sentence reports a text of several words with two common ones among them, or of many words.
func sentence(v string) bool {
	w := strings.Fields(v)
	if len(w) < 3 {
		return false
	}
	n := 0
	for _, word := range w {
		if common[strings.ToLower(strings.Trim(word, ".,;:!?'\"()"))] {
			n++
		}
	}
	return n >= 2 || len(w) >= 8
}

// proper reports one to four words that are written as names are.
func proper(v string) bool {
	w := strings.Fields(v)
	if len(w) == 0 || len(w) > 4 {
		return false
	}
	long := false
	for _, word := range w {
		first := true
		for _, r := range strings.TrimRight(word, ".,") {
			if !unicode.IsLetter(r) && (first || r != '\'' && r != '-' && r != '’') || first && !unicode.IsUpper(r) && unicode.ToUpper(r) != r {
				return false
			}
			first = false
		}
		long = long || len(word) > 2 && strings.ToUpper(word) != word
	}
	return long
}

// code reports a word as programs write the names of things: of one case, with signs or digits between.
func code(v string) bool {
	if strings.ContainsAny(v, " \t\n") || len(v) > 64 {
		return false
	}
	locale := len(v) == 5 && (v[2] == '-' || v[2] == '_') && strings.ToLower(v[:2]) == v[:2] && strings.ToUpper(v[3:]) == v[3:]
	return locale || strings.ToLower(v) == v || strings.ToUpper(v) == v
}
