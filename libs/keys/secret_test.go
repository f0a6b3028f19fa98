package keys_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/maskrail/maskrail/libs/keys"
)

// inner holds secrets where fmt does not ask their methods.
type inner struct {
	Open   keys.Secret
	closed keys.Secret
	ref    *keys.Secret
}

func TestSecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	const text = "s3cr3t-material"
	s := keys.NewSecret([]byte(text))
	holder := inner{Open: s, closed: s, ref: &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "%b", "%c", "%o", "%U", "%e", "%100s"} {
		fmt.Fprintf(&out, verb, s)
		fmt.Fprintf(&out, verb, &s)
		fmt.Fprintf(&out, verb, holder)
		fmt.Fprintf(&out, verb, &holder)
		fmt.Fprintf(&out, verb, []keys.Secret{s})
		fmt.Fprintf(&out, verb, map[string]keys.Secret{"k": s})
		out.WriteString(fmt.Errorf("use: "+verb, s).Error())
	}
	fmt.Fprint(&out, s, holder)
	fmt.Fprintln(&out, s.String(), s.GoString(), errors.New(fmt.Sprint(s)))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "s", s, "p", &s, "h", holder)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "s", s, "p", &s, "h", holder)
	for name, encode := range map[string]func(any) ([]byte, error){"json": json.Marshal, "yaml": yaml.Marshal, "xml": xml.Marshal} {
		for _, v := range []any{s, &s, inner{Open: s, ref: &s}} {
			b, err := encode(v)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			out.Write(b)
		}
	}
	_ = gob.NewEncoder(&out).Encode(s) // uses MarshalText, or refuses
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), "115 51 99", "czNjcjN0"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret was printed as %q", form)
		}
	}
	if !strings.Contains(out.String(), "[secret]") {
		t.Error("the placeholder is missing")
	}
	if string(s.Bytes()) != text {
		t.Error("the secret itself was lost")
	}
}

func TestSecretIsReadFromTextAlone(t *testing.T) {
	t.Parallel()
	var s keys.Secret
	if err := s.UnmarshalText([]byte("abc")); err != nil || string(s.Bytes()) != "abc" {
		t.Errorf("from text: %v", err)
	}
	var c struct {
		Name string
		Key  keys.Secret
	}
	err := yaml.Unmarshal([]byte("name: x\nkey: abcdefgh\n"), &c)
	if err == nil || !strings.Contains(err.Error(), "line 2") || strings.Contains(err.Error(), "abc") {
		t.Errorf("from YAML: error %v, want a refusal with the line", err)
	}
	if err := json.Unmarshal([]byte(`{"Key":"abcdefgh"}`), &c); err == nil || strings.Contains(err.Error(), "abc") {
		t.Errorf("from JSON: error %v, want a refusal", err)
	}
}

func TestSecretKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	b := []byte("abc")
	s := keys.NewSecret(b)
	b[0] = 'x'
	if string(s.Bytes()) != "abc" || s.IsZero() || !(keys.Secret{}).IsZero() || !keys.NewSecret(nil).IsZero() {
		t.Error("a secret must be a copy, and zero only when it holds nothing")
	}
}
