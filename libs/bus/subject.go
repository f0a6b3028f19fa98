package bus

import (
	"errors"
	"fmt"
	"strings"
)

// Match reports whether pattern covers subject. In a pattern "*" stands for one token and a ">" at the end for
// one or more.
func Match(pattern, subject string) bool {
	for {
		p, morePattern, patternGoesOn := strings.Cut(pattern, ".")
		s, moreSubject, subjectGoesOn := strings.Cut(subject, ".")
		switch {
		case p == ">" && !patternGoesOn:
			return s != ""
		case s == "" || p != "*" && p != s:
			return false
		case !patternGoesOn || !subjectGoesOn:
			return patternGoesOn == subjectGoesOn
		}
		pattern, subject = morePattern, moreSubject
	}
}

// MatchAny reports whether one of the filters covers subject. No filters cover every subject.
func MatchAny(filters []string, subject string) bool {
	for _, f := range filters {
		if Match(f, subject) {
			return true
		}
	}
	return len(filters) == 0
}

// CheckKey says what is wrong with a key of a KV bucket: it consists of letters, digits and the characters
// "-/_.=", and does not begin or end with a dot. The key itself is not part of the error.
func CheckKey(key string) error {
	switch {
	case key == "":
		return errors.New("key is empty")
	case key[0] == '.' || key[len(key)-1] == '.':
		return errors.New("key begins or ends with a dot")
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-/_=.", rune(c)) {
			return fmt.Errorf("key has a character at byte %d outside of letters, digits and the signs -/_.=", i)
		}
	}
	return nil
}
