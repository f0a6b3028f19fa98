package validator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// jsonValue is a value of a JSON text, as this package reads it for itself.
type jsonValue struct {
	kind     jsonKind
	text     string      // of a string or a number
	names    []string    // of an object's members
	elements []jsonValue // of an array, or the values of an object's members
}

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonScalar
	jsonString
	jsonArray
	jsonObject
)

const (
	deepestJSON = 64 // arrays and objects in each other
	mostQuoted  = 8  // how often a text is JSON inside a JSON string
)

// readJSON reads a whole text; false when it is no JSON, or has a name twice in one object.
func readJSON(text []byte) (jsonValue, bool) {
	if !utf8.Valid(text) {
		return jsonValue{}, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, ok := nextJSON(d, 0)
	if !ok {
		return v, false
	}
	return v, len(bytes.Trim(text[d.InputOffset():], " \t\r\n")) == 0
}

func nextJSON(d *json.Decoder, depth int) (jsonValue, bool) {
	token, err := d.Token()
	if err != nil || depth > deepestJSON {
		return jsonValue{}, false
	}
	switch t := token.(type) {
	case nil:
		return jsonValue{kind: jsonNull}, true
	case string:
		return jsonValue{kind: jsonString, text: t}, true
	case json.Delim:
		if t == '[' {
			return restOfArray(d, depth)
		}
		return restOfObject(d, depth)
	}
	return jsonValue{kind: jsonScalar, text: fmt.Sprint(token)}, true
}

func restOfArray(d *json.Decoder, depth int) (jsonValue, bool) {
	v := jsonValue{kind: jsonArray}
	for d.More() {
		element, ok := nextJSON(d, depth+1)
		if !ok {
			return v, false
		}
		v.elements = append(v.elements, element)
	}
	_, err := d.Token()
	return v, err == nil
}

func restOfObject(d *json.Decoder, depth int) (jsonValue, bool) {
	v := jsonValue{kind: jsonObject}
	known := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok || known[name] {
			return v, false
		}
		known[name] = true
		element, ok := nextJSON(d, depth+1)
		if !ok {
			return v, false
		}
		v.names, v.elements = append(v.names, name), append(v.elements, element)
	}
	_, err := d.Token()
	return v, err == nil
}

// unquoted reads a text that is JSON, or JSON inside a JSON string.
func unquoted(text []byte) (jsonValue, bool) {
	for range mostQuoted + 1 {
		v, ok := readJSON(text)
		if !ok || v.kind != jsonString {
			return v, ok && v.kind != jsonScalar
		}
		text = []byte(v.text)
	}
	return jsonValue{}, false
}
