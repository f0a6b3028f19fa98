package document

import "slices"

// AppendJSON appends the value without white space. Numbers are literally those of the text; strings say the same, with no
// more escapes than they need, so that nothing hides in them from whoever looks at the bytes.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind() {
	case String:
		return AppendString(dst, v.Text())
	case Array, Object:
		object := v.Kind() == Object
		open, end := byte('['), byte(']')
		if object {
			open, end = '{', '}'
		}
		dst = append(dst, open)
		first := true
		for child := range v.Children() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if object {
				dst = append(AppendString(dst, child.Name()), ':')
			}
			dst = child.AppendJSON(dst)
		}
		return append(dst, end)
	default:
		return append(dst, v.Text()...)
	}
}

// AppendString appends the text, which is UTF-8, as a JSON string.
func AppendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if !escapes(c) {
			continue
		}
		dst = append(dst, text[from:i]...)
		dst = appendEscape(dst, c)
		from = i + 1
	}
	dst = append(dst, text[from:]...)
	return append(dst, '"')
}

func escapes(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// Quote makes a JSON string of dst[from:], which is UTF-8, in its place.
func Quote(dst []byte, from int) []byte {
	more := 2
	for _, c := range dst[from:] {
		if escapes(c) {
			var room [6]byte
			more += len(appendEscape(room[:0], c)) - 1
		}
	}
	// From the end to the beginning, so that nothing is overwritten before it is read.
	read := len(dst)
	dst = slices.Grow(dst, more)[:read+more]
	write := len(dst) - 1
	dst[write] = '"'
	for read--; read >= from; read-- {
		c := dst[read]
		if !escapes(c) {
			write--
			dst[write] = c
			continue
		}
		var room [6]byte
		escape := appendEscape(room[:0], c)
		write -= len(escape)
		copy(dst[write:], escape)
	}
	dst[from] = '"'
	return dst
}
