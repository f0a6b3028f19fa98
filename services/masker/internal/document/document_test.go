package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, want string
		err        error
	}{
		"space":             {" {\n\t\"a\" : [ 1 , true,\r null ] } ", `{"a":[1,true,null]}`, nil},
		"empty":             {`{"o":{},"a":[],"s":"","":0}`, `{"o":{},"a":[],"s":"","":0}`, nil},
		"numbers stay":      {`[-0,1.50,1e+5,1E-7,0.10,12345678901234567890]`, `[-0,1.50,1e+5,1E-7,0.10,12345678901234567890]`, nil},
		"order stays":       {`{"b":1,"a":2,"c":3}`, `{"b":1,"a":2,"c":3}`, nil},
		"escapes":           {`"\u0041\/\b\f\n\r\t\"\\\u00e9\ud83d\ude00"`, `"A/\u0008\u000c\n\r\t\"\\é😀"`, nil},
		"escaped name":      {`{"\u0041":"b"}`, `{"A":"b"}`, nil},
		"separators":        {"\"\u2028\x7f\"", "\"\u2028\x7f\"", nil},
		"scalar":            {`null`, `null`, nil},
		"nothing":           {``, ``, errCut},
		"blank":             {` `, ``, errCut},
		"cut in a string":   {`{"a":"b`, ``, errCut},
		"cut in an escape":  {`{"a":"\u00`, ``, errCut},
		"cut in a word":     {`[tru`, ``, errCut},
		"cut in a number":   {`[-`, ``, errCut},
		"cut behind a name": {`{"a"`, ``, errCut},
		"trailing comma":    {`{"a":1,}`, ``, errSyntax},
		"trailing element":  {`[1,]`, ``, errSyntax},
		"leading zero":      {`[01]`, ``, errSyntax},
		"leading plus":      {`[+1]`, ``, errSyntax},
		"bare point":        {`[1.]`, ``, errSyntax},
		"bare exponent":     {`[1e]`, ``, errSyntax},
		"NaN":               {`[NaN]`, ``, errSyntax},
		"name is no string": {`{a:1}`, ``, errSyntax},
		"other bracket":     {`[1}`, ``, errSyntax},
		"comment":           {`{/**/}`, ``, errSyntax},
		"two values":        {`{}{}`, ``, errAfter},
		"twice":             {`{"a":1,"a":1}`, ``, errTwice},
		"twice by escape":   {`{"a":1,"\u0061":1}`, ``, errTwice},
		"twice among many":  {`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"a":2}`, ``, errTwice},
		"twice in two":      {`[{"a":1},{"a":1}]`, `[{"a":1},{"a":1}]`, nil},
		"half":              {`"\ud83d"`, ``, errHalf},
		"half and text":     {`"\ud83dx"`, ``, errHalf},
		"second half":       {`"\ude00\ud83d"`, ``, errHalf},
		"no UTF-8":          {"\"\xff\"", ``, errBytes},
		"surrogate bytes":   {"\"\xed\xa0\x80\"", ``, errBytes},
		"byte order mark":   {"\ufeff{}", ``, errSyntax},
		"control":           {"\"\n\"", ``, errControl},
		"control and more":  {"\"\\n\x00\"", ``, errControl},
		"wrong escape":      {`"\x41"`, ``, errEscape},
		"wrong digits":      {`"\u00g0"`, ``, errEscape},
		"deep":              {strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), nil},
		"too deep":          {strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), ``, errDeep},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d Document
			err := d.Parse([]byte(tt.text))
			if !errors.Is(err, tt.err) {
				t.Fatalf("got error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if got := string(d.Top().AppendJSON(nil)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	var d Document
	for range 2 { // a document is used again
		if err := d.Parse([]byte(`{"a\n":"x\ty","n":1.0,"l":[{"deep":true}],"z":null}`)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for v := range d.Top().Children() {
			got = append(got, string(v.Name())+"="+string(v.Text()))
		}
		if s := strings.Join(got, " "); s != "a\n=x\ty n=1.0 l= z=null" {
			t.Errorf("got %q", s)
		}
	}
}

// TestCuts: no beginning of an object is an object, wherever a source has cut it off.
func TestCuts(t *testing.T) {
	t.Parallel()
	text := []byte(`{"name":"Jane \u00e9\ud83d\ude00","n":[-1.5e+3,true,false,null],"o":{"a":{}}}`)
	var d Document
	for n := range text {
		if d.Parse(text[:n]) == nil {
			t.Errorf("the first %d bytes are taken for a text", n)
		}
	}
	if err := d.Parse(text); err != nil {
		t.Error(err)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", `"`, `a"b\c`, "\n\x00\x1f", strings.Repeat(`\"`, 100) + "é"} {
		want := "before" + string(AppendString(nil, []byte(s)))
		if got := string(Quote([]byte("before"+s), len("before"))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestLarge: the time grows with the text, whatever is in it.
func TestLarge(t *testing.T) {
	t.Parallel()
	const many = 1 << 18
	var members strings.Builder
	for i := range many {
		fmt.Fprintf(&members, `"%s%d":1,`, strings.Repeat("x", i%64), i)
	}
	texts := map[string]string{
		"string":   `"` + strings.Repeat("x", 40*many) + `"`,
		"escapes":  `"` + strings.Repeat(`\u0041`, 2*many) + `"`,
		"elements": `[0` + strings.Repeat(",0", many) + `]`,
		"members":  "{" + members.String() + `"last":1}`,
		"brackets": strings.Repeat("[", 10*many),
		"objects":  `[` + strings.Repeat(`{"a":1},`, many) + `{}]`,
	}
	for name, text := range texts {
		begin := time.Now()
		var d Document
		_ = d.Parse([]byte(text)) // some are refused, and that must be quick as well
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%s: %s for %d bytes", name, took, len(text))
		}
	}
}

// FuzzParse holds the parser against encoding/json: what it takes is JSON and says the same; what it refuses is no JSON,
// or is refused by one of the stricter rules.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"name":"Jane Okafor","phone":"(415) 555-0142","n":[1,-0.5e3,true,null,{}]}`))
	f.Add([]byte(`"\ud83d\ude00\u0000\\\"\/"`))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	f.Add([]byte("[\"\xff\", 01, {\"a\":}"))
	f.Add([]byte(strings.Repeat(`[{"":`, 33) + "0" + strings.Repeat("}]", 33)))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d Document
		err := d.Parse(text)
		switch {
		case err == nil && !json.Valid(text):
			t.Fatal("text is taken that is no JSON")
		case err != nil && json.Valid(text):
			if !ambiguous(text) {
				t.Fatalf("JSON is refused: %v", err)
			}
			return
		case err != nil:
			return
		}
		if ambiguous(text) {
			t.Fatal("text is taken that readers disagree on")
		}
		written := d.Top().AppendJSON(nil)
		if same(t, text) != same(t, written) {
			t.Fatalf("%q is written as %q", text, written)
		}
		var again Document
		if err := again.Parse(written); err != nil {
			t.Fatal(err)
		}
		if twice := again.Top().AppendJSON(nil); !bytes.Equal(written, twice) {
			t.Fatalf("%q is written as %q", written, twice)
		}
	})
}

// same is the text as encoding/json understands it, with numbers as they stand.
func same(t *testing.T, text []byte) string {
	t.Helper()
	var b strings.Builder
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(string); ok {
			quoted, _ := json.Marshal(s) // a string always has a JSON form
			b.Write(quoted)
		} else {
			fmt.Fprint(&b, token)
		}
		b.WriteByte(' ')
	}
}

// ambiguous reports that a text that is JSON breaks one of the stricter rules; slowly, with encoding/json.
func ambiguous(text []byte) bool {
	if !utf8.Valid(text) {
		return true
	}
	type level struct {
		names map[string]bool // nil in an array
		named bool            // the value of a name comes next
	}
	levels := []level{{}}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return false
		}
		top := &levels[len(levels)-1]
		s, isString := token.(string)
		if isString && halves(text[before:d.InputOffset()]) {
			return true
		}
		if top.names != nil && !top.named && isString {
			if top.names[s] {
				return true
			}
			top.names[s], top.named = true, true
			continue
		}
		switch token {
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
			continue
		}
		top.named = false
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
		if len(levels) > MaxDepth+1 {
			return true
		}
	}
}

// halves reports an escaped half of a surrogate pair in a JSON string.
func halves(literal []byte) bool {
	for i := 0; i < len(literal); i++ {
		if literal[i] != '\\' {
			continue
		}
		if i++; literal[i] != 'u' {
			continue
		}
		r := unit(literal[i+1:])
		i += 4
		if !utf16.IsSurrogate(r) {
			continue
		}
		rest := literal[i+1:]
		if !bytes.HasPrefix(rest, []byte(`\u`)) || utf16.DecodeRune(r, unit(rest[2:])) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

func unit(hex []byte) rune {
	n, _ := strconv.ParseUint(string(hex[:4]), 16, 16) // it is part of valid JSON
	return rune(n)
}

// TestSpecial: what ends a stretch of a string is found wherever it stands, and nothing else is.
func TestSpecial(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := make([]byte, r.IntN(40))
		for i := range text {
			if text[i] = byte(r.IntN(256)); escapes(text[i]) && r.IntN(8) > 0 {
				text[i] = "!# []\x7f\x80\xff"[r.IntN(8)]
			}
		}
		for i := range len(text) + 1 {
			want := i
			for want < len(text) && !escapes(text[want]) {
				want++
			}
			if got := special(text, i); got != want {
				t.Fatalf("behind %d of %q: got %d, want %d", i, text, got, want)
			}
		}
		if got, want := Quote(append([]byte("x"), text...), 1), AppendString([]byte("x"), text); !bytes.Equal(got, want) {
			t.Fatalf("%q becomes %q, and %q in its place", text, want, got)
		}
	}
}
