package attest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"go.yaml.in/yaml/v3"
)

// emptyTrust is the file that trusts nobody.
const emptyTrust = `# Whose statements are believed, and which policies an environment allows. maskrail trust adds to this file; edit it freely.
#
# keys: file is a public key beside this file, role is masker or validator, environments are names or "*" for all. With
# notBefore and notAfter (both optional, such as 2026-01-31T08:00:00Z) the key counts from and until that moment.
# policies: the digests that may reach an environment. An environment without any allows none.
keys: []
policies: {}
`

// Add trusts a key: the public key goes to a file of its own, named by role and key, and an entry for it to the end of
// TrustFile, both of which are made if need be. What is there already stays as it is, with its comments. It returns false
// when this very entry was there.
func (f TrustFolder) Add(e Entry) (added bool, err error) {
	one, err := e.read()
	if err != nil {
		return false, fmt.Errorf("trust key: %w", err)
	}
	k := keyEntry{
		File: e.Role + "-" + one.id[:12] + PublicSuffix, Role: e.Role, Environments: e.Environments,
		NotBefore: instant{e.NotBefore.UTC()}, NotAfter: instant{e.NotAfter.UTC()},
	}
	return f.edit(func(t Trust, root *yaml.Node) (bool, error) {
		if slices.ContainsFunc(t.entries, func(o trusted) bool { return o.id == one.id && o.same(e) }) {
			return false, nil
		}
		if err := f.write(k.File, e.Key); err != nil {
			return false, err
		}
		var n yaml.Node
		if err := n.Encode(k); err != nil {
			return false, err
		}
		add(member(root, "keys", yaml.SequenceNode), &n)
		return true, nil
	})
}

func (e Entry) same(o Entry) bool {
	return e.Role == o.Role && slices.Equal(e.Environments, o.Environments) && e.NotBefore.Equal(o.NotBefore) && e.NotAfter.Equal(o.NotAfter)
}

// Allow adds policies to those that an environment allows. It returns how many were new.
func (f TrustFolder) Allow(environment string, digests ...string) (added int, err error) {
	_, err = f.edit(func(t Trust, root *yaml.Node) (bool, error) {
		list := member(member(root, "policies", yaml.MappingNode), environment, yaml.SequenceNode)
		for _, d := range digests {
			if t.AllowsPolicy(environment, d) == nil {
				continue
			}
			t = t.Allow(environment, d)
			add(list, &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: d})
			added++
		}
		return added > 0, nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// edit changes TrustFile whole or not at all, while no other process does. The result must be one that Open reads.
func (f TrustFolder) edit(change func(t Trust, root *yaml.Node) (bool, error)) (changed bool, err error) {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return false, fmt.Errorf("make trust folder: %w", err)
	}
	folder, err := os.Open(string(f))
	if err != nil {
		return false, fmt.Errorf("open trust folder: %w", err)
	}
	defer folder.Close() // which releases the lock
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return false, fmt.Errorf("lock trust folder %s: %w", f, err)
	}
	content, err := f.read(TrustFile, maxTrustFile)
	if errors.Is(err, os.ErrNotExist) {
		content, err = []byte(emptyTrust), nil
	}
	if err != nil {
		return false, err
	}
	_, t, err := f.parse(content)
	if err != nil {
		return false, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return false, fmt.Errorf("file %s: %w", filepath.Join(string(f), TrustFile), err)
	}
	if len(doc.Content) == 0 { // empty, or comments alone
		doc = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	if changed, err = change(t, doc.Content[0]); err != nil || !changed {
		return false, err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&doc), enc.Close()); err != nil {
		return false, fmt.Errorf("write %s: %w", TrustFile, err)
	}
	if _, _, err := f.parse(out.Bytes()); err != nil {
		return false, err
	}
	return true, f.write(TrustFile, out.Bytes())
}

// write replaces a file of the folder whole or not at all.
func (f TrustFolder) write(name string, content []byte) error {
	path := filepath.Join(string(f), name)
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(tmp))
	}
	return nil
}

// member is the value of a key in a mapping, made when there is none.
func member(mapping *yaml.Node, key string, kind yaml.Kind) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			value := mapping.Content[i+1]
			if value.Kind != kind { // null
				*value = yaml.Node{Kind: kind, HeadComment: value.HeadComment, LineComment: value.LineComment, FootComment: value.FootComment}
			}
			return value
		}
	}
	value := &yaml.Node{Kind: kind}
	add(mapping, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
	return value
}

// add appends to a list or mapping, each on a line of its own.
func add(to *yaml.Node, nodes ...*yaml.Node) {
	to.Style &^= yaml.FlowStyle
	to.Content = append(to.Content, nodes...)
}
