package keys_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/keys"
)

// xor is a scheme of unwrapping that a test can do by hand.
func xor(_ context.Context, e keys.Entry) (keys.Secret, error) {
	root := bytes.Clone(e.Root.Bytes())
	for i := range root {
		root[i] ^= 0xff
	}
	return keys.NewSecret(root), nil
}

// wrapped is the base64 of what xor unwraps to root(n, seed).
func wrapped(t *testing.T, n int, seed byte) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(root(n, seed))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := xor(t.Context(), keys.Entry{Root: keys.NewSecret(b)})
	return base64.StdEncoding.EncodeToString(e.Bytes())
}

func text(lines ...string) keys.Source {
	return keys.Source{Text: keys.NewSecret([]byte("maskrail-key-v1," + strings.Join(lines, ",")))}
}

// A ring is the same whether its roots stood plain or wrapped.
func TestOpen(t *testing.T) {
	t.Parallel()
	plain, err := keys.Load(text("1:"+root(32, 1), "2:"+root(48, 2), "5:"+root(32, 3)))
	if err != nil {
		t.Fatal(err)
	}
	mixed, err := keys.Open(t.Context(), text("1:awskms:"+wrapped(t, 32, 1), "2:"+root(48, 2), "5:awskms:"+wrapped(t, 32, 3)), xor)
	if err != nil || mixed.Epoch() != 5 {
		t.Fatal(err)
	}
	for _, epoch := range []int{1, 2, 5} {
		a, errA := plain.At(epoch)
		b, errB := mixed.At(epoch)
		if errA != nil || errB != nil || a.Fingerprint() != b.Fingerprint() || a.Fingerprint() == "" {
			t.Errorf("epoch %d: %v, %v", epoch, errA, errB)
		}
	}
	old := text("1:awskms:"+wrapped(t, 32, 1), "2:"+root(48, 2))
	for epoch, want := range map[int]int{0: 2, 1: 1, 2: 2} {
		old.Epoch = epoch
		if r, err := keys.Open(t.Context(), old, xor); err != nil || r.Epoch() != want {
			t.Errorf("source with epoch %d: %v", epoch, err)
		}
	}
	old.Epoch = 3
	if _, err := keys.Open(t.Context(), old, xor); err == nil || !strings.Contains(err.Error(), "no key of epoch 3, only of epoch 1, 2") {
		t.Errorf("source with an epoch that is not there: %v", err)
	}
	if _, err := mixed.At(3); err == nil || !strings.Contains(err.Error(), "epoch 1, 2, 5") {
		t.Errorf("an epoch that is not there: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("service is away")
	for _, c := range []struct {
		name   string
		source keys.Source
		unwrap keys.Unwrap
		want   string
	}{
		{"31 bytes", text("1:awskms:" + wrapped(t, 31, 1)), xor, "epoch 1: the key has 31 bytes"},
		{"one byte repeated", text("1:awskms:" + base64.StdEncoding.EncodeToString(make([]byte, 32))), xor, "one byte repeated"},
		{"nothing comes out", text("1:awskms:" + root(32, 1)), func(context.Context, keys.Entry) (keys.Secret, error) { return keys.Secret{}, nil }, "0 bytes"},
		{"that of a plain one", text("1:"+root(32, 1), "2:awskms:"+wrapped(t, 32, 1)), xor, "that of epoch 1"},
		{"an older epoch fails", text("1:awskms:"+root(32, 1), "2:"+root(32, 2)), func(context.Context, keys.Entry) (keys.Secret, error) { return keys.Secret{}, broken }, "epoch 1: unwrap the key: service is away"},
	} {
		if _, err := keys.Open(t.Context(), c.source, c.unwrap); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), keys.TextVar) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// Plain keys ask nobody.
func TestOpenUnwrapsWrappedAlone(t *testing.T) {
	t.Parallel()
	var asked []int
	unwrap := func(ctx context.Context, e keys.Entry) (keys.Secret, error) {
		asked = append(asked, e.Epoch)
		return xor(ctx, e)
	}
	if _, err := keys.Open(t.Context(), text("1:"+root(32, 1), "2:awskms:"+wrapped(t, 32, 2), "3:"+root(32, 3)), unwrap); err != nil || fmt.Sprint(asked) != "[2]" {
		t.Errorf("asked for %v: %v", asked, err)
	}
}

// Whoever imports this package for the type of a secret shall not link a vendor's client.
func TestLinksNoVendor(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "go.yaml.in/yaml") {
		t.Fatal("the list is not that of this package")
	}
	for _, vendor := range []string{"aws", "smithy", "net/http"} {
		if strings.Contains(string(out), vendor) {
			t.Errorf("package keys links %s", vendor)
		}
	}
}

// No part of a root is in an error, wherever it stands and whatever surrounds it.
func FuzzLoad(f *testing.F) {
	const secret = "fXn8qZkW2vR5tYb1"
	f.Add([]byte("maskrail-key-v1\n1:"), []byte("\n"))
	f.Add([]byte(""), []byte(""))
	f.Add([]byte("maskrail-key-v1,1:"+root(32, 1)+",2:"), []byte("="))
	f.Add([]byte("maskrail-key-v1,1:awskms:"), []byte(root(32, 1)))
	f.Add([]byte("maskrail-key-v1,1:awskms:"), []byte(root(21, 1)+",2:awskms:"+root(33, 7)))
	f.Add([]byte("maskrail-key-v1,1:"), []byte(":"+root(32, 1)))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		content := bytes.Join([][]byte{before, []byte(secret), after}, nil)
		forms := []string{secret[:8]}
		ring, err := keys.Open(t.Context(), keys.Source{Text: keys.NewSecret(content)}, func(ctx context.Context, e keys.Entry) (keys.Secret, error) {
			if len(e.Root.Bytes()) == 0 || e.Scheme != keys.AWSKMS || e.Epoch < 1 {
				t.Error("an entry without its parts is to be unwrapped")
			}
			out, err := xor(ctx, e)
			for _, b := range [][]byte{e.Root.Bytes(), out.Bytes()} {
				if len(b) >= 8 {
					forms = append(forms, string(b[:8]), hex.EncodeToString(b)[:16], base64.StdEncoding.EncodeToString(b)[:8])
				}
			}
			return out, err
		})
		if err != nil {
			for _, form := range forms {
				if strings.Contains(err.Error(), form) {
					t.Error("the error shows content")
				}
			}
			return
		}
		if ring.Epoch() < 1 || ring.Fingerprint() == "" {
			t.Error("a ring without an epoch was loaded")
		}
	})
}
