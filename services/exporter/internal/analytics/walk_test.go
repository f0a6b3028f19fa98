package analytics

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func TestReadPage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		records []string
		cursor  string
		err     error
	}{
		"ordinary":            {text: `{"conversations":[{"a":1},{"b":2}],"cursor":"next","dataAvailabilityDate":"2026-03-09T00:00:00Z"}`, records: []string{`{"a":1}`, `{"b":2}`}, cursor: "next"},
		"last":                {text: `{"conversations":[{"a":1}]}`, records: []string{`{"a":1}`}},
		"cursor null":         {text: `{"cursor":null,"conversations":[]}`},
		"cursor first":        {text: `{"cursor":"c","conversations":[{}]}`, records: []string{`{}`}, cursor: "c"},
		"empty with a cursor": {text: `{"conversations":[],"cursor":"c"}`, cursor: "c"},
		"nothing":             {text: `{}`},
		"null":                {text: ` {"conversations": null }`},
		"unknown members":     {text: `{"partial":{"conversations":[{"not":"this"}]},"conversations":[{"a":[]}],"total":1e9}`, records: []string{`{"a":[]}`}},
		"escaped name":        {text: `{"\u0063ursor":"a\u0062\n","conversations":[{}]}`, records: []string{`{}`}, cursor: "ab\n"},
		"pretty": {
			text:    "{\r\n  \"conversations\" : [ {\n\t\"text\" : \"a\\nb\" ,\r\n \"n\" : [ 1 , 2 ]\n} , {\n} ]\n}\n",
			records: []string{"{ \t\"text\" : \"a\\nb\" ,   \"n\" : [ 1 , 2 ] }", "{ }"},
		},
		"numbers bit for bit": {
			text:    `{"conversations":[{"mos":4.311158090508609,"big":123456789012345678901234567890,"e":-1.50E+07,"zero":-0.0}]}`,
			records: []string{`{"mos":4.311158090508609,"big":123456789012345678901234567890,"e":-1.50E+07,"zero":-0.0}`},
		},
		"texts that look like structure": {
			text:    `{"conversations":[{"note":"},]{\"conversations\":[1]\\"},{"\"}":"]"}]}`,
			records: []string{`{"note":"},]{\"conversations\":[1]\\"}`, `{"\"}":"]"}`},
		},
		"elements that are no objects": {text: `{"conversations":[1,null,"x",[2],true]}`, records: []string{`1`, `null`, `"x"`, `[2]`, `true`}},
		"no object":                    {text: `[{"conversations":[]}]`, err: errPage},
		"no list":                      {text: `{"conversations":{"a":1}}`, err: errPage},
		"cursor of a number":           {text: `{"conversations":[],"cursor":7}`, err: errCursor},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := readPage([]byte(tt.text))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			var got []string
			for _, r := range p.records {
				got = append(got, string(r))
			}
			if !slices.Equal(got, tt.records) || p.cursor != tt.cursor {
				t.Errorf("%q, cursor %q", got, p.cursor)
			}
		})
	}
}

func TestSurveyRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		record string
		want   error
	}{
		"ordinary":               {`{"a":{"b":[1,{"c":null}],"a":"x"},"b":2}`, nil},
		"a pair":                 {`{"a":"\ud83d\ude00 \\ud83d"}`, nil},
		"name of a pair":         {`{"\uD83D\uDE00":1}`, nil},
		"64 levels":              {`{"a":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, nil},
		"65 levels":              {`{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, errDeep},
		"a member twice":         {`{"a":1,"b":2,"a":1}`, errTwice},
		"twice, escaped":         {`{"a":1,"\u0061":2}`, errTwice},
		"twice, deep":            {`{"p":[{"attributes":{"tenant_id":"a","tenant_id":"b"}}]}`, errTwice},
		"twice after an object":  {`{"a":{"x":1,"y":2},"b":[{"x":3}],"a":4}`, errTwice},
		"once in each":           {`{"a":{"x":1},"b":{"x":1},"x":1}`, nil},
		"an empty name":          {`{"a":{"":1}}`, errName},
		"half a pair":            {`{"a":"\ud83d"}`, errText},
		"the other half":         {`{"a":"\ude00x"}`, errText},
		"half, then an escape":   {`{"a":"\ud83d\n"}`, errText},
		"half, then a character": {`{"a":"\ud83d\u0041"}`, errText},
		"half in a name":         {`{"\ud83dx":1}`, errText},
		"no UTF-8":               {"{\"a\":\"\xff\"}", errText},
		"as long a text":         {`{"a":"` + strings.Repeat("x", columnar.DefaultLimits().MaxCellBytes) + `"}`, nil},
		"a longer one":           {`{"a":"` + strings.Repeat("x", columnar.DefaultLimits().MaxCellBytes+1) + `"}`, errLong},
		"too long as a whole":    {`{"a":1` + strings.Repeat(" ", columnar.DefaultLimits().MaxRowBytes) + `}`, errLong},
		"a number":               {`1`, errShape},
		"a list":                 {`[{}]`, errShape},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newSurveyor(source.MaxRecord).survey([]byte(tt.record)); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func TestSurveySums(t *testing.T) {
	t.Parallel()
	const record = `{"a":1,"b":{"c":[1,2],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`
	tests := map[string]struct {
		other string
		equal bool
	}{
		"the same":            {record, true},
		"members turned":      {`{"e":[{"g":2,"f":1},{"f":3}],"b":{"d":"x","c":[1,2]},"a":1}`, true},
		"blanks":              {`{ "a": 1,"b":{"c":[1, 2],"d":"x"} ,"e":[{"f":1,"g":2},{"f":3}]}`, true},
		"escapes":             {`{"\u0061":1,"b":{"c":[1,2],"d":"\u0078"},"e":[{"f":1,"g":2},{"f":3}]}`, true},
		"elements turned":     {`{"a":1,"b":{"c":[2,1],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`, false},
		"objects turned":      {`{"a":1,"b":{"c":[1,2],"d":"x"},"e":[{"f":3},{"f":1,"g":2}]}`, false},
		"values swapped":      {`{"a":1,"b":{"c":[1,2],"d":"x"},"e":[{"f":2,"g":1},{"f":3}]}`, false},
		"a value":             {`{"a":2,"b":{"c":[1,2],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`, false},
		"a kind":              {`{"a":"1","b":{"c":[1,2],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`, false},
		"a member more":       {`{"a":1,"b":{"c":[1,2],"d":"x"},"e":[{"f":1,"g":2},{"f":3}],"h":null}`, false},
		"an element less":     {`{"a":1,"b":{"c":[1],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`, false},
		"nested otherwise":    {`{"a":1,"b":{"c":[[1,2]],"d":"x"},"e":[{"f":1,"g":2},{"f":3}]}`, false},
		"an object as a list": {`{"a":1,"b":{"c":[1,2],"d":"x"},"e":[{"f":1,"g":2},[{"f":3}]]}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSurveyor(source.MaxRecord)
			a, err := s.survey([]byte(record))
			if err != nil {
				t.Fatal(err)
			}
			b, err := s.survey([]byte(tt.other))
			if err != nil {
				t.Fatal(err)
			}
			if (a == b) != tt.equal {
				t.Errorf("equal is %v, want %v", a == b, tt.equal)
			}
		})
	}
}

// FuzzRecord holds the walk against encoding/json, and wants nothing but answers from all that reads records.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"conversations":[{"conversationId":"c","conversationEnd":"2026-03-09T13:17:45.020Z","participants":[{"purpose":"customer","attributes":{"tenant_id":"acme","Tenant_ID":7},"sessions":[{"ani":"tel:+14155550142","flow":{"endingLanguage":"en"},"segments":[{"queueId":"q"}]}]}]}],"cursor":"\ud83d\ude00"}`))
	f.Add([]byte(" [ {\"a\" : -1.5e3 , \"\\u0062\" : [ true , null ] } ,\r\n\"\\\\\" ]"))
	f.Add([]byte(`{"a":{"a":1,"a":"\ud83d"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return // the client has checked
		}
		var want any
		if json.Unmarshal(text, &want) == nil {
			if _, err := newSurveyor(source.MaxRecord).survey(text); err == nil {
				if got := rebuilt(t, text[blank(text, 0):skip(text, blank(text, 0))]); !reflect.DeepEqual(got, want) {
					t.Errorf("read as %v, and by the library as %v", got, want)
				}
			}
		}
		p, err := readPage(text)
		if err != nil {
			return
		}
		for _, record := range p.records {
			if !json.Valid(record) || strings.ContainsAny(string(record), "\r\n") {
				t.Errorf("the record %q is no line of JSON", record)
			}
			if _, err := newSurveyor(source.MaxRecord).survey(record); err != nil {
				continue
			}
			c, bad := parse(record)
			if bad != "" {
				continue
			}
			line, err := Projection{Notes: true, Attributes: map[string]string{"cardNumber": "tenant_id"}}.append(nil, &c, owner{"acme", FromTag})
			if err != nil || !json.Valid(line) || strings.Count(string(line), "\n") != 1 {
				t.Errorf("the flat form %q: %v", line, err)
			}
		}
	})
}

// rebuilt makes of a value what encoding/json makes of it, by the walk.
func rebuilt(t *testing.T, v []byte) any {
	t.Helper()
	switch v[0] {
	case '{':
		m := map[string]any{}
		for name, v := range members(v) {
			m[string(name)] = rebuilt(t, v)
		}
		return m
	case '[':
		list := []any{}
		for e := range elements(v) {
			list = append(list, rebuilt(t, e))
		}
		return list
	}
	if s, ok := textOf(v); ok {
		return s
	}
	var other any
	if err := json.Unmarshal(v, &other); err != nil {
		t.Fatal(fmt.Errorf("%q: %w", v, err))
	}
	return other
}
