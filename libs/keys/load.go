package keys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
)

// Environment variables that FromEnvironment reads.
const (
	FileVar = "MASKRAIL_KEY_FILE" // path of a key file
	TextVar = "MASKRAIL_KEY"      // the content of a key file, with commas or line breaks between the lines
)

// ErrNoKey means that no key was named at all.
var ErrNoKey = errors.New("no key: make one with `maskrail keygen --out FILE` and name it with --key-file or in " + FileVar)

// Source says where the keys come from; exactly one of File and Text is set.
type Source struct {
	File  string // path, mode 0600 or stricter
	Text  Secret // the content of a key file
	Epoch int    // the active one; 0 is the last
}

// FromEnvironment is the source that FileVar and TextVar name.
func FromEnvironment() Source {
	return Source{File: os.Getenv(FileVar), Text: NewSecret([]byte(os.Getenv(TextVar)))}
}

// Load reads plain keys; a wrapped one is an error. Its errors name the file, the line or epoch and the fix, and
// never show content.
func Load(s Source) (*Ring, error) { return Open(context.Background(), s, nil) }

// Open is Load for keys of which some may be wrapped. All epochs are unwrapped, one after the other, and one that cannot be
// is an error: a key file loads whole or not at all.
func Open(ctx context.Context, s Source, unwrap Unwrap) (*Ring, error) {
	entries, err := s.entries()
	if errors.Is(err, ErrNoKey) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	r := &Ring{roots: map[int]Secret{}}
	for _, e := range entries {
		if err := r.add(ctx, e, unwrap); err != nil {
			return nil, fmt.Errorf("load key: %s: %w", s.name(), err)
		}
	}
	if s.Epoch != 0 {
		if r, err = r.At(s.Epoch); err != nil {
			return nil, fmt.Errorf("load key: %s: %w", s.name(), err)
		}
	}
	return r, nil
}

// Entries reads the lines of a key file and unwraps nothing. Epochs ascend, and there is at least one.
func Entries(file string) ([]Entry, error) {
	entries, err := Source{File: file}.entries()
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return entries, nil
}

// name is what errors about the content call the source.
func (s Source) name() string {
	if s.File != "" {
		return "file " + s.File
	}
	return TextVar
}

func (s Source) entries() ([]Entry, error) {
	var content []byte
	switch {
	case s.File != "" && !s.Text.IsZero():
		return nil, fmt.Errorf("both a file and a text are given: unset %s or %s", FileVar, TextVar)
	case s.File != "":
		var err error
		if content, err = ReadPrivate(s.File); err != nil {
			return nil, err
		}
	case !s.Text.IsZero():
		// base64 has no comma, and a variable with line breaks is awkward to set.
		content = bytes.ReplaceAll(s.Text.Bytes(), []byte(","), []byte("\n"))
	default:
		return nil, ErrNoKey
	}
	entries, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), err)
	}
	return entries, nil
}

// add takes an entry, unwraps it if need be, and makes its epoch the active one.
func (r *Ring) add(ctx context.Context, e Entry, unwrap Unwrap) error {
	root := e.Root
	if e.Scheme != "" {
		if unwrap == nil {
			return fmt.Errorf("epoch %d: the key is wrapped (%s), and only a plain one can be used here", e.Epoch, e.Scheme)
		}
		var err error
		if root, err = unwrap(ctx, e); err != nil {
			return fmt.Errorf("epoch %d: unwrap the key: %w", e.Epoch, err)
		}
		if err := checkRoot(e.Epoch, root); err != nil {
			return fmt.Errorf("unwrapped: %w", err)
		}
	}
	for other, have := range r.roots {
		if bytes.Equal(have.Bytes(), root.Bytes()) {
			return fmt.Errorf("epoch %d: the key is that of epoch %d: a new epoch needs a new key", e.Epoch, other)
		}
	}
	r.roots[e.Epoch] = root
	r.active = e.Epoch
	return nil
}
