package keys_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/maskrail/maskrail/libs/keys"
)

// root returns the base64 of n bytes that differ by seed.
func root(n int, seed byte) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)*7 + seed
	}
	return base64.StdEncoding.EncodeToString(b)
}

func write(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root.key")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func TestGenerateLoads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rings [2]*keys.Ring
	for i := range rings {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := keys.Create(path, keys.Generate); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, want 0600: %v", info.Mode(), err)
		}
		if rings[i], err = keys.Load(keys.Source{File: path}); err != nil {
			t.Fatal(err)
		}
		if err := keys.Create(path, keys.Generate); err == nil || !strings.Contains(err.Error(), "not replaced") {
			t.Errorf("a key file was replaced: %v", err)
		}
	}
	if rings[0].Epoch() != 1 || rings[0].Fingerprint() == rings[1].Fingerprint() {
		t.Error("two generated keys are equal, or their epoch is not 1")
	}
}

func TestCreateLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "root.key")
	err := keys.Create(path, func(w io.Writer) error {
		_, _ = w.Write([]byte("maskrail"))
		return syscall.ENOSPC
	})
	if _, statErr := os.Stat(path); !errors.Is(err, syscall.ENOSPC) || !os.IsNotExist(statErr) {
		t.Errorf("error %v, file left: %v", err, statErr)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	good, second := root(32, 1), root(48, 2)
	const head = "maskrail-key-v1\n"
	for _, c := range []struct {
		name, content string
		epoch         int    // 0: refused
		want          string // in the error
	}{
		{"one key", head + "1:" + good + "\n", 1, ""},
		{"no line break at the end", head + "1:" + good, 1, ""},
		{"comments and empty lines", "# a\n\n" + head + "\n# b, with a comma\n1:" + good + "\n", 1, ""},
		{"line ends of another system", "maskrail-key-v1\r\n1:" + good + "\r\n", 1, ""},
		{"two epochs", head + "1:" + good + "\n4:" + second + "\n", 4, ""},
		{"wrapped, nothing to unwrap it", head + "1:awskms:" + good, 0, "epoch 1: the key is wrapped (awskms)"},
		{"wrapped in an unknown way", head + "1:" + good[10:20] + ":" + good, 0, "line 2: epoch 1: the key is wrapped in an unknown way"},
		{"scheme in capitals", head + "1:AWSKMS:" + good, 0, "unknown way"},
		{"wrapped, but empty", head + "1:awskms:", 0, "the wrapped key has 0 bytes"},
		{"wrapped, too many bytes", head + "1:awskms:" + root(6145, 1), 0, "6145 bytes"},
		{"wrapped, a character lost", head + "1:awskms:" + good[1:], 0, "no standard base64"},
		{"wrapped twice", head + "1:awskms:awskms:" + good, 0, "no standard base64"},
		{"wrapped, epochs fall", head + "2:" + good + "\n1:awskms:" + second, 0, "line 3: epoch 1 stands after epoch 2"},
		{"empty", "", 0, "is empty"},
		{"comments alone", "# nothing\n", 0, "is empty"},
		{"no header", "1:" + good, 0, "is no key file"},
		{"header alone", head, 0, "has no key"},
		{"PEM", "-----BEGIN PRIVATE KEY-----\n" + good + "\n", 0, "is no key file"},
		{"binary", "\x7fELF\x02\x01\x00\xff" + good, 0, "is no key file"},
		{"one long line", strings.Repeat("A", 60000), 0, "is no key file"},
		{"31 bytes", head + "1:" + root(31, 1), 0, "31 bytes, want 32"},
		{"too many bytes", head + "1:" + root(1025, 1), 0, "1025 bytes"},
		{"no epoch", head + good, 0, "line 2: want epoch:base64"},
		{"epoch 0", head + "0:" + good, 0, "epoch"},
		{"negative epoch", head + "-1:" + good, 0, "epoch"},
		{"leading zero", head + "01:" + good, 0, "epoch"},
		{"epoch too large", head + "2147483648:" + good, 0, "epoch"},
		{"epoch twice", head + "1:" + good + "\n1:" + second, 0, "line 3: epoch 1 stands after epoch 1"},
		{"epochs fall", head + "2:" + good + "\n1:" + second, 0, "ascend"},
		{"the same key again", head + "1:" + good + "\n2:" + good, 0, "new epoch needs a new key"},
		{"a character lost", head + "1:" + good[1:], 0, "no standard base64"},
		{"URL alphabet", head + "1:" + strings.Repeat("_-", 22), 0, "no standard base64"},
		{"loose last bits", head + "1:" + good[:42] + "B=", 0, "no standard base64"},
		{"space inside", head + "1: " + good, 0, "no standard base64"},
		{"one byte repeated", head + "1:" + base64.StdEncoding.EncodeToString(make([]byte, 32)), 0, "one byte repeated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, c.content, 0o600)
			ring, err := keys.Load(keys.Source{File: path})
			if c.epoch != 0 {
				if err != nil || ring.Epoch() != c.epoch {
					t.Fatalf("error %v, want epoch %d", err, c.epoch)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Fatalf("error %v, want one with %q and the file", err, c.want)
			}
			if strings.Contains(err.Error(), good[10:20]) || strings.Contains(err.Error(), "ELF") {
				t.Error("the error shows content")
			}
		})
	}
}

func TestLoadFromText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"commas":      "maskrail-key-v1,1:" + root(32, 1) + ",2:" + root(32, 2),
		"line breaks": "maskrail-key-v1\n1:" + root(32, 1) + "\n2:" + root(32, 2) + "\n",
	} {
		if ring, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(text))}); err != nil || ring.Epoch() != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte("hunter2hunter2"))}); err == nil ||
		!strings.Contains(err.Error(), keys.TextVar) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("wrong text: %v", err)
	}
	if _, err := keys.Load(keys.Source{}); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("no source: %v, want ErrNoKey", err)
	}
	if _, err := keys.Load(keys.Source{File: "x", Text: keys.NewSecret([]byte("y"))}); err == nil || !strings.Contains(err.Error(), "both") {
		t.Errorf("two sources: %v", err)
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Setenv(keys.FileVar, "")
	t.Setenv(keys.TextVar, "maskrail-key-v1,1:"+root(32, 1))
	if _, err := keys.Load(keys.FromEnvironment()); err != nil {
		t.Error(err)
	}
	t.Setenv(keys.TextVar, "")
	t.Setenv(keys.FileVar, write(t, "maskrail-key-v1\n7:"+root(32, 1), 0o400))
	if ring, err := keys.Load(keys.FromEnvironment()); err != nil || ring.Epoch() != 7 {
		t.Error(err)
	}
}

func TestFileMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // has no modes; the access list of the user's profile stands in
	}
	content := "maskrail-key-v1\n1:" + root(32, 1)
	for _, c := range []struct {
		mode os.FileMode
		ok   bool
	}{{0o600, true}, {0o400, true}, {0o640, false}, {0o604, false}, {0o644, false}, {0o620, false}, {0o601, false}} {
		path := write(t, content, c.mode)
		_, err := keys.Load(keys.Source{File: path})
		if (err == nil) != c.ok {
			t.Errorf("mode %04o: error %v, want success %v", c.mode, err, c.ok)
		}
		if err != nil && !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %04o: error %v does not say how to mend it", c.mode, err)
		}
	}
}

func TestWrongFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"missing", filepath.Join(dir, "none"), "no such file"},
		{"folder", dir, "no regular file"},
		{"pipe without a writer", pipe, "no regular file"},
		{"large", write(t, strings.Repeat("#\n", 40<<10), 0o600), "at most 65536"},
	} {
		if _, err := keys.Load(keys.Source{File: c.path}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
