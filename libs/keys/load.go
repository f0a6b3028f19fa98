package keys

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// header is the first line of a key file.
const header = "maskrail-key-v1"

// Environment variables that FromEnvironment reads.
const (
	FileVar = "MASKRAIL_KEY_FILE" // path of a key file
	TextVar = "MASKRAIL_KEY"      // the content of a key file, with commas or line breaks between the lines
)

// ErrNoKey means that no key was named at all.
var ErrNoKey = errors.New("no key: make one with `maskrail keygen --out FILE` and name it in " + FileVar)

// Source says where the keys come from; exactly one field is set.
type Source struct {
	File string // path, mode 0600 or stricter
	Text Secret // the content of a key file
}

// FromEnvironment is the source that FileVar and TextVar name.
func FromEnvironment() Source {
	return Source{File: os.Getenv(FileVar), Text: NewSecret([]byte(os.Getenv(TextVar)))}
}

// Load reads the keys. Its errors name the file, the line and the fix, and never show content.
func Load(s Source) (*Ring, error) {
	switch {
	case s.File != "" && !s.Text.IsZero():
		return nil, fmt.Errorf("load key: both a file and a text are given: unset %s or %s", FileVar, TextVar)
	case s.File != "":
		content, err := ReadPrivate(s.File)
		if err != nil {
			return nil, fmt.Errorf("load key: %w", err)
		}
		r, err := parse(content)
		if err != nil {
			return nil, fmt.Errorf("load key: file %s: %w", s.File, err)
		}
		return r, nil
	case !s.Text.IsZero():
		// base64 has no comma, and a variable with line breaks is awkward to set.
		r, err := parse(bytes.ReplaceAll(s.Text.Bytes(), []byte(","), []byte("\n")))
		if err != nil {
			return nil, fmt.Errorf("load key: %s: %w", TextVar, err)
		}
		return r, nil
	default:
		return nil, ErrNoKey
	}
}

func parse(content []byte) (*Ring, error) {
	r := &Ring{roots: map[int]Secret{}}
	headed := false
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !headed:
			if line != header {
				return nil, fmt.Errorf("is no key file: its first line must be %s: make one with `maskrail keygen --out FILE`", header)
			}
			headed = true
		default:
			if err := r.add(line); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, errors.New("is no key file: a line is too long")
	case !headed:
		return nil, errors.New("is empty: make a key with `maskrail keygen --out FILE`")
	case len(r.roots) == 0:
		return nil, fmt.Errorf("has no key after %s: make one with `maskrail keygen --out FILE`", header)
	}
	return r, nil
}

// add takes one line, epoch:base64.
func (r *Ring) add(line string) error {
	digits, encoded, ok := strings.Cut(line, ":")
	if !ok {
		return errors.New("want epoch:base64, such as 1: and 44 characters")
	}
	epoch, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || epoch == 0 || digits[0] == '0' {
		return fmt.Errorf("epoch: want a whole number from 1 to %d", math.MaxInt32)
	}
	if int(epoch) <= r.active {
		return fmt.Errorf("epoch %d stands after epoch %d: epochs must ascend", epoch, r.active)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("epoch %d: the key is no standard base64: was a character lost in copying?", epoch)
	}
	if len(root) < MinRoot || len(root) > maxRoot {
		return fmt.Errorf("epoch %d: the key has %d bytes, want %d to %d", epoch, len(root), MinRoot, maxRoot)
	}
	if bytes.Count(root, root[:1]) == len(root) {
		return fmt.Errorf("epoch %d: the key is one byte repeated: use random bytes", epoch)
	}
	for other, have := range r.roots {
		if bytes.Equal(have.Bytes(), root) {
			return fmt.Errorf("epoch %d: the key is that of epoch %d: a new epoch needs a new key", epoch, other)
		}
	}
	r.roots[int(epoch)] = NewSecret(root)
	r.active = int(epoch)
	return nil
}
