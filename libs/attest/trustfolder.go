package attest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/maskrail/maskrail/libs/strictyaml"
)

// TrustFile is the file of a trust folder that says what the public keys beside it are trusted for.
const TrustFile = "trust.yaml"

// Limits of what is read from a trust folder, in bytes.
const (
	maxTrustFile = 1 << 20
	maxPublicKey = 64 << 10
)

// TrustFolder is a folder with public keys (*.pub) and TrustFile:
//
//	keys:
//	  - {file: masker-2026.pub, role: masker, environments: [sandbox], notBefore: 2026-01-01T00:00:00Z}
//	policies:
//	  sandbox: ["sha256:..."]
//
// A key that no entry names is trusted for nothing. Whoever can write to the folder decides what is believed.
type TrustFolder string

// document is the content of TrustFile.
type document struct {
	Keys     []keyEntry          `yaml:"keys"`
	Policies map[string][]string `yaml:"policies"`
}

type keyEntry struct {
	File         string   `yaml:"file"` // in the folder
	Role         string   `yaml:"role"`
	Environments []string `yaml:"environments,flow"`
	NotBefore    instant  `yaml:"notBefore,omitempty"`
	NotAfter     instant  `yaml:"notAfter,omitempty"`
}

// instant is a time as RFC 3339 writes it.
type instant struct{ time.Time }

func (i *instant) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil || n.Kind != yaml.ScalarNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: want a time such as 2026-01-31T08:00:00Z", n.Line)}}
	}
	i.Time = t.UTC()
	return nil
}

func (i instant) MarshalYAML() (any, error) { return i.Time, nil }

// Open reads the folder. Its errors name the file, and the line or entry.
func (f TrustFolder) Open() (Trust, error) {
	content, err := f.read(TrustFile, maxTrustFile)
	if errors.Is(err, os.ErrNotExist) {
		return Trust{}, fmt.Errorf("%w: maskrail trust add makes one", err)
	}
	if err != nil {
		return Trust{}, err
	}
	_, t, err := f.parse(content)
	return t, err
}

// OpenFor reads the folder for a worker that signs, and fails when what it signs now under these policies would not be
// accepted: better no work than work that everybody refuses.
func (f TrustFolder) OpenFor(role string, s *Signer, environment string, policies ...string) (Trust, error) {
	t, err := f.Open()
	if err != nil {
		return Trust{}, err
	}
	if err := t.Accepts(role, s.id, environment, time.Now()); err != nil {
		return Trust{}, fmt.Errorf("folder %s: the signing key: %w", f, err)
	}
	for _, digest := range policies {
		if err := t.AllowsPolicy(environment, digest); err != nil {
			return Trust{}, fmt.Errorf("folder %s: %w", f, err)
		}
	}
	return t, nil
}

// parse reads the content of TrustFile, and the keys that it names.
func (f TrustFolder) parse(content []byte) (document, Trust, error) {
	var d document
	path := filepath.Join(string(f), TrustFile)
	err := strictyaml.Decode(content, &d)
	if err == nil {
		err = endless(content)
	}
	if err != nil {
		return document{}, Trust{}, fmt.Errorf("file %s: %w", path, err)
	}
	entries := make([]Entry, len(d.Keys))
	for i, k := range d.Keys {
		e, err := f.entry(k)
		if err == nil {
			_, err = e.read()
		}
		if err != nil {
			return document{}, Trust{}, fmt.Errorf("file %s: keys[%d] %s: %w", path, i, k.File, err)
		}
		entries[i] = e
	}
	t, err := NewTrust(entries...)
	if err != nil {
		return document{}, Trust{}, fmt.Errorf("file %s: %w", path, err)
	}
	for environment, digests := range d.Policies {
		if environment == "" || slices.ContainsFunc(digests, func(s string) bool { return !policyDigest.MatchString(s) }) {
			return document{}, Trust{}, fmt.Errorf("file %s: policies %s: want digests of policies, sha256: and 64 lower-case hex digits", path, environment)
		}
		t = t.Allow(environment, digests...)
	}
	return d, t, nil
}

// endless refuses a key's moment without a value, which YAML takes for none: the key would count for ever.
func endless(content []byte) error {
	var d struct {
		Keys []map[string]yaml.Node `yaml:"keys"`
	}
	if err := yaml.Unmarshal(content, &d); err != nil {
		return errors.New("want keys as a list of entries")
	}
	for _, k := range d.Keys {
		for _, moment := range []string{"notBefore", "notAfter"} {
			if n, ok := k[moment]; ok && n.ShortTag() == "!!null" {
				return fmt.Errorf("line %d: %s has no value: want a time such as 2026-01-31T08:00:00Z, or leave it out", n.Line, moment)
			}
		}
	}
	return nil
}

var policyDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (f TrustFolder) entry(k keyEntry) (Entry, error) {
	if k.File == "" || k.File != filepath.Base(k.File) || !strings.HasSuffix(k.File, PublicSuffix) {
		return Entry{}, fmt.Errorf("file: want the name of a file *%s of this folder", PublicSuffix)
	}
	key, err := f.read(k.File, maxPublicKey)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Role: k.Role, Key: key, Environments: k.Environments, NotBefore: k.NotBefore.Time, NotAfter: k.NotAfter.Time}, nil
}

func (f TrustFolder) read(name string, limit int64) ([]byte, error) {
	file, err := os.Open(filepath.Join(string(f), name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("file %s: larger than %d bytes", file.Name(), limit)
	}
	return content, nil
}
