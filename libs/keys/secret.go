package keys

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"

	"go.yaml.in/yaml/v3"
)

// hidden is all that any way of printing a Secret shows.
const hidden = "[secret]"

// Secret holds bytes that cannot be printed, logged or encoded by accident. The zero value holds none. Secrets are
// passed by value and share their bytes.
type Secret struct {
	// reveal hands out the bytes. A function instead of a slice, because fmt prints the content of unexported
	// fields without asking Format, and of a function only the address.
	reveal func() []byte
}

// NewSecret keeps a copy of b.
func NewSecret(b []byte) Secret {
	if len(b) == 0 {
		return Secret{}
	}
	own := bytes.Clone(b)
	return Secret{reveal: func() []byte { return own }}
}

// Bytes returns the content for the one place that computes with it. The caller must not change or print it.
func (s Secret) Bytes() []byte {
	if s.reveal == nil {
		return nil
	}
	return s.reveal()
}

// IsZero reports whether the secret holds nothing, so that omitempty leaves it out.
func (s Secret) IsZero() bool { return len(s.Bytes()) == 0 }

// String, GoString and Format print a placeholder for every verb.
func (Secret) String() string { return hidden }

// GoString is the placeholder of %#v.
func (Secret) GoString() string { return hidden }

// Format is the placeholder of every verb, also those that are wrong for text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue is the placeholder of log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText writes the placeholder: a secret is read and never written.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON writes the placeholder.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// UnmarshalText takes a secret from an environment variable.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(b)
	return nil
}

// UnmarshalYAML refuses: configuration files are copied, shown and committed.
func (*Secret) UnmarshalYAML(n *yaml.Node) error {
	return fmt.Errorf("line %d: a secret does not belong in the configuration file: name a file that holds it, or use the environment variable", n.Line)
}

// UnmarshalJSON refuses, as UnmarshalYAML does.
func (*Secret) UnmarshalJSON([]byte) error {
	return errors.New("a secret does not belong in JSON: name a file that holds it, or use the environment variable")
}
