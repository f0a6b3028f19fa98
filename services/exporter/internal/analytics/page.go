package analytics

import "errors"

var errPage = errors.New("read a page of results: its conversations are no list")

// page is a page of results.
type page struct {
	records [][]byte
	cursor  string // of the next page; "" after the last
}

// readPage takes a page apart, which is valid JSON. Records are parts of text, byte for byte as they were delivered, but for
// line breaks between their members, which become blanks: one conversation is one line.
func readPage(text []byte) (p page, err error) {
	if text = text[blank(text, 0):]; text[0] != '{' {
		return p, errPage
	}
	for name, v := range members(text) {
		switch string(name) {
		case "conversations":
			if v[0] != '[' && v[0] != 'n' { // null is none
				return p, errPage
			}
			for record := range elements(v) {
				p.records = append(p.records, oneLine(record))
			}
		case "cursor":
			if p.cursor, err = cursor(v); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

var errCursor = errors.New("read a page of results: the cursor is no text")

func cursor(v []byte) (string, error) {
	s, ok := textOf(v)
	if !ok && v[0] != 'n' { // null is none
		return "", errCursor
	}
	return s, nil
}

// oneLine replaces line breaks. Valid JSON has them between its parts only.
func oneLine(record []byte) []byte {
	for i, c := range record {
		if c == '\n' || c == '\r' {
			record[i] = ' '
		}
	}
	return record
}
