package validator

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
)

// maxFake is more bytes than any invented value has.
const maxFake = 64

// isFake wants text that an invention can be: beginning with a capital but for companies, without digits but for the
// number of a house. Which inventions there are is the masker's matter, so that a true name that looks like one is not found.
func isFake(b []byte, kind policy.FakeKind) bool {
	if len(b) == 0 {
		return true
	}
	if len(b) > maxFake || !utf8.Valid(b) {
		return false
	}
	if kind == policy.FakeStreet {
		house := bytes.TrimLeft(b, "0123456789")
		if len(house) == len(b) || len(b)-len(house) > 4 || !bytes.HasPrefix(house, []byte(" ")) {
			return false
		}
		b = house[1:]
	}
	if first, _ := utf8.DecodeRune(b); !unicode.IsUpper(first) && kind != policy.FakeCompany {
		return false
	}
	signs, words := ",.'&()/-!?+*|: ", 0
	switch kind {
	case policy.FakeName:
		signs, words = " ", 2
	case policy.FakeFirstName, policy.FakeLastName:
		signs, words = "", 1
	}
	if words > 0 && bytes.Count(b, []byte(" ")) != words-1 {
		return false
	}
	return !bytes.ContainsFunc(b, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune(signs, r)
	})
}
