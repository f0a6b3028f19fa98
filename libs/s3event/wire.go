package s3event

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// wire is a text as a server wrote it, which is not yet what it stands for. It is a type of its own so that nothing is
// decoded twice: decoders take it and return something else.
type wire string

// plain is for keys that are written as they are.
func plain(w wire) (string, error) { return string(w), nil }

// form is for keys that are written as in a form (application/x-www-form-urlencoded).
func form(w wire) (string, error) { return url.QueryUnescape(string(w)) }

var errSize = errors.New("no size")

// number is for sizes that are written as JSON numbers. A missing one is 0: removals have none.
func number(w wire) (int64, error) {
	if w == "" || w == "null" {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(w), 10, 64)
	if err != nil || n < 0 {
		return 0, errSize
	}
	return n, nil
}

// numberOrText is for sizes that releases write as one or as the other.
func numberOrText(w wire) (int64, error) {
	if text, ok := strings.CutPrefix(string(w), `"`); ok {
		return number(wire(strings.TrimSuffix(text, `"`)))
	}
	return number(w)
}
