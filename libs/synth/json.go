package synth

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// appendJSON writes a record. What is absent is left out.
func appendJSON(dst []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return appendJSON(dst, v.Elem())
	case reflect.Struct:
		if v.Type().Implements(optional) {
			if v, state := valueOf(v); state == given {
				return appendJSON(dst, v)
			}
			return append(dst, "null"...)
		}
		dst = append(dst, '{')
		n, names := len(dst), memberNames(v.Type())
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				dst = comma(dst, n)
				dst = append(dst, '"')
				dst = append(dst, names[i]...)
				dst = append(dst, '"', ':')
				dst = appendJSON(dst, f)
			}
		}
		return append(dst, '}')
	case reflect.Slice:
		dst = append(dst, '[')
		n := len(dst)
		for i := range v.Len() {
			dst = appendJSON(comma(dst, n), v.Index(i))
		}
		return append(dst, ']')
	case reflect.Map:
		m := v.Interface().(map[string]text)
		dst = append(dst, '{')
		n := len(dst)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			dst = append(appendQuoted(comma(dst, n), k), ':')
			dst = appendJSON(dst, reflect.ValueOf(m[k]))
		}
		return append(dst, '}')
	case reflect.String:
		return appendQuoted(dst, v.String())
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case reflect.Float64:
		return strconv.AppendFloat(dst, v.Float(), 'f', -1, 64)
	case reflect.Int64:
		if v.Type() == millisType {
			return appendQuoted(dst, millis(v.Int()).String())
		}
		return strconv.AppendInt(dst, v.Int(), 10)
	}
	panic(fmt.Sprintf("a record has no %s", v.Type()))
}

// comma stands between members and elements, of which the first begins at position n.
func comma(dst []byte, n int) []byte {
	if len(dst) > n {
		return append(dst, ',')
	}
	return dst
}

// appendQuoted writes valid UTF-8 as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
