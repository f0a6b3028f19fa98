package keys_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/keys"
)

func plainNext(epoch int, _ keys.Entry) (keys.Entry, error) { return keys.NewEntry(epoch), nil }

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRotate(t *testing.T) {
	t.Parallel()
	const head = "maskrail-key-v1\n"
	for name, content := range map[string]string{
		"one":                          head + "1:" + root(32, 1) + "\n",
		"no line break at the end":     head + "1:" + root(32, 1),
		"comments after the last line": head + "1:" + root(32, 1) + "\n# kept",
		"other line ends":              "maskrail-key-v1\r\n1:" + root(32, 1) + "\r\n",
		"a gap before":                 head + "1:" + root(32, 1) + "\n7:" + root(32, 2) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, content, 0o600)
			before, err := keys.Load(keys.Source{File: path})
			if err != nil {
				t.Fatal(err)
			}
			if err := keys.Rotate(path, plainNext); err != nil {
				t.Fatal(err)
			}
			after, err := keys.Load(keys.Source{File: path})
			if err != nil || after.Epoch() != before.Epoch()+1 || after.Fingerprint() == before.Fingerprint() {
				t.Fatalf("epoch %d after %d: %v", after.Epoch(), before.Epoch(), err)
			}
			if old, err := after.At(before.Epoch()); err != nil || old.Fingerprint() != before.Fingerprint() {
				t.Errorf("the old epoch is not what it was: %v", err)
			}
			if got := read(t, path); !strings.HasPrefix(got, content) || !strings.HasSuffix(got, "\n") {
				t.Error("what stood in the file has changed, or the line does not end")
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v: %v", info.Mode(), err)
			}
		})
	}
}

// A rotation that fails leaves the file as it was.
func TestRotateRefuses(t *testing.T) {
	t.Parallel()
	good := "maskrail-key-v1\n1:" + root(32, 1) + "\n"
	broken := errors.New("service is away")
	var path string
	for _, c := range []struct {
		name, content string
		mode          os.FileMode
		next          func(int, keys.Entry) (keys.Entry, error)
		want          string
	}{
		{"readable by others", good, 0o644, plainNext, "chmod 600"},
		{"no key file", "something else\n", 0o600, plainNext, "is no key file"},
		{"the last epoch there is", fmt.Sprintf("maskrail-key-v1\n%d:%s\n", math.MaxInt32, root(32, 1)), 0o600, plainNext, "begin a new file"},
		{"the new one fails", good, 0o600, func(int, keys.Entry) (keys.Entry, error) { return keys.Entry{}, broken }, "service is away"},
		{"the new one is short", good, 0o600, func(n int, _ keys.Entry) (keys.Entry, error) {
			return keys.Entry{Epoch: n, Root: keys.NewSecret([]byte("short"))}, nil
		}, "5 bytes"},
		{"the new one has the old epoch", good, 0o600, func(int, keys.Entry) (keys.Entry, error) { return keys.NewEntry(1), nil }, "ascend"},
		{"a full file", good + strings.Repeat("#", 65500-len(good)) + "\n", 0o600, plainNext, "at most 65536"},
	} {
		path = write(t, c.content, c.mode)
		if err := keys.Rotate(path, c.next); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if read(t, path) != c.content {
			t.Errorf("%s: the file was changed", c.name)
		}
	}
}

// Two rotations at the same time must not make two keys of one epoch.
func TestRotateSeesAnotherRotation(t *testing.T) {
	t.Parallel()
	path := write(t, "maskrail-key-v1\n1:"+root(32, 1)+"\n", 0o600)
	var between string
	err := keys.Rotate(path, func(epoch int, last keys.Entry) (keys.Entry, error) {
		if err := keys.Rotate(path, plainNext); err != nil {
			t.Error(err)
		}
		between = read(t, path)
		return keys.NewEntry(epoch), nil
	})
	if err == nil || !strings.Contains(err.Error(), "changed meanwhile") || read(t, path) != between {
		t.Errorf("error %v, want a refusal, and the other's file as it is", err)
	}
}
