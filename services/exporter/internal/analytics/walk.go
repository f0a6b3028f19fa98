package analytics

import (
	"bytes"
	"encoding/json"
	"iter"
)

// What is walked here is valid JSON: a decoder has framed it. Names are compared exactly, as encoding/json does not.

// blank returns where the next byte of b that is not blank stands.
func blank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skip returns where the value at i ends.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{', '[':
		for depth := 0; ; i++ {
			switch b[i] {
			case '"':
				i = skipText(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && bytes.IndexByte([]byte(" \n\r\t,}]"), b[i]) < 0 {
		i++
	}
	return i
}

// skipText returns where the string at i ends.
func skipText(b []byte, i int) int {
	for i++; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// members yields the members of an object in their order, each as often as it stands there; nothing for another value.
func members(v []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		if len(v) == 0 || v[0] != '{' {
			return
		}
		for i := blank(v, 1); v[i] != '}'; {
			end := skipText(v, i)
			name := said(v[i:end])
			i = blank(v, blank(v, end)+1) // over the colon
			end = skip(v, i)
			if !yield(name, v[i:end]) {
				return
			}
			if i = blank(v, end); v[i] == ',' {
				i = blank(v, i+1)
			}
		}
	}
}

// elements yields the elements of a list; nothing for another value.
func elements(v []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(v) == 0 || v[0] != '[' {
			return
		}
		for i := blank(v, 1); v[i] != ']'; {
			end := skip(v, i)
			if !yield(v[i:end]) {
				return
			}
			if i = blank(v, end); v[i] == ',' {
				i = blank(v, i+1)
			}
		}
	}
}

// said is what a string says, of the text itself where that is as it says.
func said(v []byte) []byte {
	inner := v[1 : len(v)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	s, _ := textOf(v)
	return []byte(s)
}

// textOf is what a string says; ok is false for another value.
func textOf(v []byte) (s string, ok bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	return s, json.Unmarshal(v, &s) == nil
}

// textsOf are the strings of a list, or the one string that stands for a list.
func textsOf(v []byte) []string {
	if s, ok := textOf(v); ok {
		return []string{s}
	}
	var list []string
	for e := range elements(v) {
		if s, ok := textOf(e); ok {
			list = append(list, s)
		}
	}
	return list
}
