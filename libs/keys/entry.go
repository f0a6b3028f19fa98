package keys

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// header is the first line of a key file.
const header = "maskrail-key-v1"

// AWSKMS is the scheme of roots that a key of AWS KMS encrypts. Package awskms wraps and unwraps them.
const AWSKMS = "awskms"

// maxWrapped is the most that a wrapped root may have in bytes: that of a CiphertextBlob of AWS KMS.
const maxWrapped = 6144

// Entry is one line of a key file: the root key of an epoch, plain or wrapped.
type Entry struct {
	Epoch  int
	Scheme string // who wrapped the root: AWSKMS, or "" for a plain one
	Root   Secret // the root itself, or what the scheme made of it
}

// Unwrap turns a wrapped entry into its plain root. It fails for a root that was wrapped for another epoch. Its errors
// show neither the one nor the other.
type Unwrap func(ctx context.Context, e Entry) (Secret, error)

// parse reads the content of a key file.
func parse(content []byte) ([]Entry, error) {
	var entries []Entry
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
			e, err := parseEntry(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			if len(entries) > 0 && e.Epoch <= entries[len(entries)-1].Epoch {
				return nil, fmt.Errorf("line %d: epoch %d stands after epoch %d: epochs must ascend", n, e.Epoch, entries[len(entries)-1].Epoch)
			}
			entries = append(entries, e)
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, errors.New("is no key file: a line is too long")
	case !headed:
		return nil, errors.New("is empty: make a key with `maskrail keygen --out FILE`")
	case len(entries) == 0:
		return nil, fmt.Errorf("has no key after %s: make one with `maskrail keygen --out FILE`", header)
	}
	return entries, nil
}

// parseEntry takes one line, epoch:base64 or epoch:scheme:base64.
func parseEntry(line string) (Entry, error) {
	digits, encoded, ok := strings.Cut(line, ":")
	if !ok {
		return Entry{}, errors.New("want epoch:base64, such as 1: and 44 characters")
	}
	epoch, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || epoch == 0 || digits[0] == '0' {
		return Entry{}, fmt.Errorf("epoch: want a whole number from 1 to %d", math.MaxInt32)
	}
	e := Entry{Epoch: int(epoch)}
	if scheme, rest, wrapped := strings.Cut(encoded, ":"); wrapped {
		if scheme != AWSKMS {
			return Entry{}, fmt.Errorf("epoch %d: the key is wrapped in an unknown way: want %d:%s:base64", epoch, epoch, AWSKMS)
		}
		e.Scheme, encoded = scheme, rest
	}
	root, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Entry{}, fmt.Errorf("epoch %d: the key is no standard base64: was a character lost in copying?", epoch)
	}
	e.Root = NewSecret(root)
	return e, e.check()
}

// check says what is wrong with an entry, as far as that can be told without unwrapping it.
func (e Entry) check() error {
	if e.Scheme == "" {
		return checkRoot(e.Epoch, e.Root)
	}
	if n := len(e.Root.Bytes()); n < 1 || n > maxWrapped {
		return fmt.Errorf("epoch %d: the wrapped key has %d bytes, want 1 to %d", e.Epoch, n, maxWrapped)
	}
	return nil
}

// checkRoot says what is wrong with a plain root.
func checkRoot(epoch int, root Secret) error {
	n := len(root.Bytes())
	if n < MinRoot || n > maxRoot {
		return fmt.Errorf("epoch %d: the key has %d bytes, want %d to %d", epoch, n, MinRoot, maxRoot)
	}
	for _, b := range root.Bytes() {
		if b != root.Bytes()[0] {
			return nil
		}
	}
	return fmt.Errorf("epoch %d: the key is one byte repeated: use random bytes", epoch)
}

// line is the entry as it stands in a key file.
func (e Entry) line() string {
	prefix := strconv.Itoa(e.Epoch) + ":"
	if e.Scheme != "" {
		prefix += e.Scheme + ":"
	}
	return prefix + base64.StdEncoding.EncodeToString(e.Root.Bytes()) + "\n"
}
