package columnar

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// csvEncodings are the values of CSV.Encoding.
var csvEncodings = []string{"", "utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}

var (
	utf16LE = []byte{0xff, 0xfe}
	utf16BE = []byte{0xfe, 0xff}

	errIsUTF16    = errors.New("the file begins with the byte order mark of UTF-16: set source.csv.encoding to utf-16")
	errIsUTF8     = errors.New("the file begins with the byte order mark of UTF-8: leave source.csv.encoding out")
	errNoMark     = errors.New("the file has no byte order mark: set source.csv.encoding to utf-16le or utf-16be")
	errOtherOrder = errors.New("the byte order mark is that of the other byte order: set source.csv.encoding to utf-16")
	errUTF16      = errors.New("not valid UTF-16: half a character or half of a surrogate pair: the file is damaged, or source.csv.encoding is wrong")
	errUndefined  = errors.New("a byte that the encoding does not define: the file is damaged, or source.csv.encoding is wrong")
)

// decodeCSV returns the text of s as UTF-8 without its byte order mark. UTF-8
// itself is passed on as it is: cells are checked one by one, so that an error
// names the column.
func decodeCSV(s *stream, encoding string) (io.Reader, error) {
	head, err := s.r.Peek(len(utf8BOM))
	if err != nil && err != io.EOF {
		return nil, err
	}
	little, big := bytes.HasPrefix(head, utf16LE), bytes.HasPrefix(head, utf16BE)
	switch encoding {
	case "", "utf-8":
		if little || big {
			return nil, errIsUTF16
		}
		return s, s.skip(utf8BOM)
	case "utf-16":
		if !little && !big {
			return nil, errNoMark
		}
		return decodeUTF16(s, big)
	case "utf-16le", "utf-16be":
		wantBig := encoding == "utf-16be"
		if little && wantBig || big && !wantBig {
			return nil, errOtherOrder
		}
		return decodeUTF16(s, wantBig)
	}
	if bytes.Equal(head, utf8BOM) {
		return nil, errIsUTF8
	}
	if encoding == "iso-8859-1" {
		return transform.NewReader(s, charmap.ISO8859_1.NewDecoder()), nil
	}
	return transform.NewReader(&definedBytes{s, charmap.Windows1252}, charmap.Windows1252.NewDecoder()), nil
}

func decodeUTF16(s *stream, big bool) (io.Reader, error) {
	mark, order := utf16LE, unicode.LittleEndian
	if big {
		mark, order = utf16BE, unicode.BigEndian
	}
	if err := s.skip(mark); err != nil {
		return nil, err
	}
	return transform.NewReader(&wholeUTF16{r: s, big: big}, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()), nil
}

// The decoders of the library put U+FFFD in the place of what they do not
// understand. These readers stand before them and let through only what is
// valid.

// definedBytes passes on the bytes that a character set defines.
type definedBytes struct {
	r   io.Reader
	set *charmap.Charmap
}

func (d *definedBytes) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i, c := range p[:n] {
		if c >= utf8.RuneSelf && d.set.DecodeByte(c) == utf8.RuneError {
			return i, errUndefined
		}
	}
	return n, err
}

// wholeUTF16 passes on UTF-16 whose surrogates are in pairs.
type wholeUTF16 struct {
	r    io.Reader
	big  bool
	seen int  // bytes of the current unit seen so far: 0 or 1
	unit byte // its first byte
	high bool // the unit before was the first half of a pair
}

func (w *wholeUTF16) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	for i, c := range p[:n] {
		if w.seen == 0 {
			w.unit, w.seen = c, 1
			continue
		}
		w.seen = 0
		upper := c
		if w.big {
			upper = w.unit
		}
		half := upper & 0xfc // 0xd8: first of a pair, 0xdc: second
		if w.high != (half == 0xdc) {
			return i, errUTF16
		}
		w.high = half == 0xd8
	}
	if err == io.EOF && (w.seen != 0 || w.high) {
		return n, errUTF16
	}
	return n, err
}
