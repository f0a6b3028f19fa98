package columnar

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says that the data is at fault: the bytes do not decode, or they break
// a rule of the format. A caller rejects the object; trying again is of no use.
// Failures of the Source and of the context are never an Error.
type Error struct {
	Op     string // "open parquet", "read csv", "write jsonl"
	Column string // as ShowName shows it; "" where no single column is meant
	Row    int64  // first row is 1, header and blank lines do not count; 0 = unknown
	Err    error  // what is wrong; holds no value of the data
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Column != "" {
		b.WriteString(": column ")
		b.WriteString(e.Column)
	}
	if e.Row > 0 {
		b.WriteString(": row ")
		b.WriteString(strconv.FormatInt(e.Row, 10))
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap is the cause; but a file that ends too early is never io.EOF, which a caller would take for its end.
func (e *Error) Unwrap() error {
	if errors.Is(e.Err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return e.Err
}

// ErrShape means that a value of JSON has another shape than was declared: a list, an object or a single value.
var ErrShape = errors.New("another shape than declared")

// shapeError is an ErrShape that says what there is and how to write it.
type shapeError struct{ text string }

func (e *shapeError) Error() string        { return e.text }
func (e *shapeError) Is(target error) bool { return target == ErrShape }

const (
	shownName   = 64 // bytes of a name that a message shows
	digitRun    = 5  // digits in a row that make a name look like a value
	digitsTotal = 7  // digits in all that do
)

// ShowName returns how messages show the name of the column at pos (first is
// 0): quoted and cut at 64 bytes, or the position alone where the name could be
// a value, as in the first line of a CSV file without a header.
func ShowName(name string, pos int) string {
	if LooksLikeValue(name) {
		return "at position " + strconv.Itoa(pos+1)
	}
	if len(name) > shownName {
		cut := shownName
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		return strconv.Quote(name[:cut]) + "…"
	}
	return strconv.Quote(name)
}

// LooksLikeValue reports a name with so many digits, or an at sign, that it may be a value: it must not be shown.
func LooksLikeValue(name string) bool {
	run, total := 0, 0
	for _, r := range name {
		switch {
		case r == '@':
			return true
		case r >= '0' && r <= '9':
			run++
			total++
			if run >= digitRun || total >= digitsTotal {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// library wraps an error of a decoder. Decoders do not promise to keep data
// out of their texts, so of the text only words that speak of files are shown,
// and numbers too short to be anything.
func library(err error) error { return &libraryError{err} }

type libraryError struct{ err error }

func (e *libraryError) Error() string { return scrub(e.err.Error()) }
func (e *libraryError) Unwrap() error { return e.err }

// harmless are the words of decoders' errors that are shown; of any other word
// stands a dot.
var harmless = words(`a an and array arrow at be beyond bit bits block bloom brotli buffer but byte bytes cannot checksum chunk
	closed codec column columns compressed compression corrupt corrupted count crc damaged data decimal decode decoded
	decoder decoding decompress deflate delta dictionary does eof empty encoding encountered encrypted end error exceeds
	expected failed field file float footer for found frame from got group gzip has header id in index input int int32 int64 key nanosecond
	invalid is kind larger left length less level levels limit list lz4 magic many map metadata mismatch missing more must
	negative nested no not null number of offset on only or out output outside overflow page pages panic parquet parse physical position
	range read reader reading repetition definition row rows run runs schema seek short size smaller snappy statistics
	stream string struct support supported than the thrift timestamp to too total trailing truncated type types unexpected
	unknown unsupported utf8 valid value values version was width window with wrong zero zlib zstd`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func scrub(text string) string {
	const longest = 24 // words
	var shown []string
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		number := len(word) < digitRun && strings.Trim(word, "0123456789") == ""
		if !number && !harmless[strings.ToLower(word)] {
			word = "…"
		}
		if n := len(shown); word == "…" && n > 0 && shown[n-1] == "…" {
			continue
		}
		if shown = append(shown, word); len(shown) == longest {
			break
		}
	}
	return strings.Join(shown, " ")
}

// blame decides whose fault err is: the source's, the context's, or the data's.
func (t *trackedSource) blame(op string, row int64, err error) error {
	if fault := t.failed(); fault != nil {
		return fault
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	return &Error{Op: op, Row: row, Err: err}
}
