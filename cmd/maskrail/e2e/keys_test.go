package e2e

import (
	"debug/buildinfo"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms/kmstest"
)

// keyReport is what keygen --json says.
type keyReport struct {
	Fingerprint string
	Epoch       int
	Wrapped     bool
}

// keyBench is a KMS, and the environment that leads the binary to it.
type keyBench struct {
	kms *kmstest.Server
	key string
	env []string
}

func newKeyBench(t *testing.T) *keyBench {
	t.Helper()
	b := &keyBench{kms: kmstest.New(t)}
	b.key = b.kms.CreateKey()
	for name, value := range b.kms.Environment() {
		b.env = append(b.env, name+"="+value)
	}
	return b
}

// with is the environment with some variables set otherwise.
func (b *keyBench) with(vars ...string) []string { return slices.Concat(b.env, vars) }

func (b *keyBench) maskrail(t *testing.T, args ...string) result {
	t.Helper()
	return maskrailEnv(t, b.env, args...)
}

func (b *keyBench) keygen(t *testing.T, args ...string) keyReport {
	t.Helper()
	var r keyReport
	b.maskrail(t, append([]string{"keygen", "--json"}, args...)...).ok(t).into(t, &r)
	return r
}

// mask returns what a small file is masked to.
func (b *keyBench) mask(t *testing.T, more ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.csv")
	b.maskrail(t, append([]string{"mask", "--policy", write(t, "policy.yaml", smallPolicy), "--out", out, write(t, "in.csv", goodCSV)}, more...)...).ok(t)
	return content(t, out)
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// phones are the masked numbers of what mask returns.
func phones(masked string) map[string]bool {
	out := map[string]bool{}
	for _, cell := range strings.FieldsFunc(masked, func(r rune) bool { return r == ',' || r == '\n' || r == '"' }) {
		if strings.HasPrefix(cell, "+999") {
			out[cell] = true
		}
	}
	return out
}

// A key has the same fingerprint and gives the same tokens plain and wrapped, from a file and from the environment.
func TestWrappedKeyMasksAsPlain(t *testing.T) {
	t.Parallel()
	b := newKeyBench(t)
	dir := t.TempDir()
	plain, wrapped := filepath.Join(dir, "plain.key"), filepath.Join(dir, "wrapped.key")
	first := b.keygen(t, "--out", plain)
	second := b.keygen(t, "--out", wrapped, "--kms-key", b.key, "--wrap", plain)
	if first.Fingerprint != second.Fingerprint || first.Wrapped || !second.Wrapped || second.Epoch != 1 {
		t.Errorf("plain %+v, wrapped %+v", first, second)
	}
	entries, err := keys.Entries(plain)
	if err != nil {
		t.Fatal(err)
	}
	text := content(t, wrapped)
	if strings.Contains(text, strings.Split(content(t, plain), "1:")[1][:43]) || strings.Contains(text, string(entries[0].Root.Bytes())) || !strings.Contains(text, "\n1:awskms:") {
		t.Error("the wrapped file holds the plain key, or no wrapped one")
	}
	if info, err := os.Stat(wrapped); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: %v", info.Mode(), err)
	}
	want := b.mask(t, "--key-file", plain)
	if got := b.mask(t, "--key-file", wrapped); got != want || len(phones(got)) != 1 {
		t.Error("the wrapped key masks otherwise than the plain one")
	}
	b.env = b.with("MASKRAIL_KEY=" + text)
	if b.mask(t) != want {
		t.Error("the wrapped key from the environment masks otherwise")
	}
}

// A rotation gives new tokens and keeps the old ones in reach, whatever wraps the key; and a table takes one epoch alone.
func TestEpochs(t *testing.T) {
	t.Parallel()
	b := newKeyBench(t)
	other := b.kms.CreateKey()
	for name, c := range map[string]struct {
		first, next []string
		wrapped     bool // the second epoch
	}{
		"plain":                    {nil, nil, false},
		"wrapped":                  {[]string{"--kms-key", b.key}, nil, true},
		"plain, then wrapped":      {nil, []string{"--kms-key", b.key}, true},
		"wrapped with another key": {[]string{"--kms-key", b.key}, []string{"--kms-key", kmstest.ARN(other)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := filepath.Join(t.TempDir(), "root.key")
			one := b.keygen(t, append([]string{"--out", key}, c.first...)...)
			before := b.mask(t, "--key-file", key)
			two := b.keygen(t, append([]string{"--out", key, "--rotate"}, c.next...)...)
			if one.Epoch != 1 || two.Epoch != 2 || one.Fingerprint == two.Fingerprint || two.Wrapped != c.wrapped {
				t.Errorf("first %+v, second %+v", one, two)
			}
			after := b.mask(t, "--key-file", key)
			for p := range phones(after) {
				if phones(before)[p] {
					t.Errorf("a token of both epochs: %s", p)
				}
			}
			if len(phones(after)) != 1 || b.mask(t, "--key-file", key, "--key-epoch", "1") != before || b.mask(t, "--key-file", key, "--key-epoch", "2") != after {
				t.Error("an epoch does not mask as it did")
			}
		})
	}
	t.Run("table", func(t *testing.T) {
		t.Parallel()
		dir, key := t.TempDir(), filepath.Join(t.TempDir(), "root.key")
		b.keygen(t, "--out", key, "--kms-key", b.key)
		run := func(id string, more ...string) result {
			in := write(t, id+".csv", strings.ReplaceAll(goodCSV, "i-", id+"-"))
			return b.maskrail(t, append([]string{"run", "--policy", write(t, "policy.yaml", smallPolicy), "--key-file", key, "--dir", dir, "--json", in}, more...)...)
		}
		if r := run("a").ok(t).report(t); r.Loaded != 2 {
			t.Errorf("first epoch: %+v", r)
		}
		b.keygen(t, "--out", key, "--rotate")
		if r := run("b"); r.code != 1 || !strings.Contains(r.stdout, "key-mismatch") {
			t.Errorf("second epoch into the same table: code %d\n%s", r.code, r.stdout)
		}
		if r := run("c", "--key-epoch", "1").ok(t).report(t); r.Loaded != 2 {
			t.Errorf("first epoch again: %+v", r)
		}
	})
}

// Every failure of a key ends as a missing key does, soon, and says what to do.
func TestKeyFailures(t *testing.T) {
	t.Parallel()
	b := newKeyBench(t)
	key := filepath.Join(t.TempDir(), "root.key")
	b.keygen(t, "--out", key, "--kms-key", b.key)
	before := content(t, key)
	blob := strings.TrimSpace(strings.Split(before, "awskms:")[1])
	var listen net.ListenConfig
	down, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	refusing := newKeyBench(t)
	refusing.kms.Refuse("Decrypt", "AccessDeniedException")
	refusing.kms.Refuse("GenerateDataKeyWithoutPlaintext", "AccessDeniedException")
	moved := write(t, "moved.key", "maskrail-key-v1\n2:awskms:"+blob+"\n")
	tampered := write(t, "tampered.key", "maskrail-key-v1\n1:awskms:"+blob[:40]+flipped(blob[40])+blob[41:]+"\n")
	open := write(t, "open.key", before)
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	masks := func(key string, more ...string) []string {
		return append([]string{"mask", "--policy", write(t, "policy.yaml", smallPolicy), "--key-file", key, "--out", filepath.Join(t.TempDir(), "out.csv"), write(t, "in.csv", goodCSV)}, more...)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.key")
	for name, c := range map[string]struct {
		env  []string
		args []string
		want string
	}{
		"missing":                   {b.env, masks(fresh), "no such file"},
		"readable by others":        {b.env, masks(open), "chmod 600"},
		"moved to another epoch":    {b.env, masks(moved), "wrapped for another epoch"},
		"tampered with":             {b.env, masks(tampered), "aws kms Decrypt"},
		"access denied":             {refusing.env, masks(key), "allow this identity kms:Decrypt"},
		"endpoint down":             {b.with("AWS_ENDPOINT_URL_KMS=http://" + down.Addr().String()), masks(key), "connection refused"},
		"no region":                 {b.with("AWS_REGION="), masks(key), "set AWS_REGION"},
		"another region":            {b.with("AWS_REGION=us-east-1"), masks(key), "us-east-1"},
		"no credentials":            {b.with("AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="), masks(key), "no aws credentials"},
		"epoch that is not there":   {b.env, masks(key, "--key-epoch", "2"), "no key of epoch 2"},
		"negative epoch":            {b.env, masks(key, "--key-epoch", "-1"), "no key of epoch -1"},
		"keygen denied":             {refusing.env, []string{"keygen", "--out", fresh, "--kms-key", refusing.key}, "allow this identity kms:GenerateDataKeyWithoutPlaintext"},
		"keygen without such a key": {b.env, []string{"keygen", "--out", fresh, "--kms-key", "alias/none"}, "there is no such key"},
		"keygen in another region":  {b.env, []string{"keygen", "--out", fresh, "--kms-key", kmstest.ARN(b.key), "--kms-region", "us-east-1"}, "use the key's region"},
		"keygen, no address":        {b.env, []string{"keygen", "--out", fresh, "--kms-key", b.key, "--kms-endpoint", "kms"}, "endpoint: want"},
		"keygen, empty key":         {b.env, []string{"keygen", "--out", fresh, "--kms-key", ""}, "--kms-key is empty"},
		"keygen, region alone":      {b.env, []string{"keygen", "--out", fresh, "--kms-region", "us-east-1"}, "name it"},
		"rotate denied":             {refusing.env, []string{"keygen", "--out", key, "--rotate"}, "ask which key wrapped it"},
		"rotate what is not there":  {b.env, []string{"keygen", "--out", fresh, "--rotate"}, "no such file"},
		"rotate nothing":            {b.env, []string{"keygen", "--rotate"}, "name it with --out"},
		"rotate plain elsewhere":    {b.env, []string{"keygen", "--out", keyFile(t), "--rotate", "--kms-region", "us-east-1"}, "its last key is plain"},
		"wrap without a key":        {b.env, []string{"keygen", "--out", fresh, "--wrap", key}, "--kms-key"},
		"wrap what is wrapped":      {b.env, []string{"keygen", "--out", fresh, "--wrap", key, "--kms-key", b.key}, "wrapped already"},
		"wrap over a file":          {b.env, []string{"keygen", "--out", key, "--wrap", key, "--kms-key", b.key}, "exists and is not replaced"},
		"wrap and rotate":           {b.env, []string{"keygen", "--out", key, "--wrap", key, "--kms-key", b.key, "--rotate"}, "--rotate and --wrap exclude each other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := maskrailEnv(t, c.env, c.args...)
			if r.code != 2 || !strings.Contains(r.stderr, c.want) || strings.Contains(r.stderr, blob[10:30]) {
				t.Errorf("exit code %d, want 2 and %q\n%s", r.code, c.want, r.stderr)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Cleanup(func() {
		if content(t, key) != before {
			t.Error("a command that failed changed the key file")
		}
		if _, err := os.Stat(fresh); err == nil {
			t.Error("a command that failed left a key file")
		}
	})
}

// flipped is another character of base64.
func flipped(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

// Who may make keys need not be allowed to read them.
func TestKeygenWithoutDecrypt(t *testing.T) {
	t.Parallel()
	b := newKeyBench(t)
	b.kms.Refuse("Decrypt", "AccessDeniedException")
	key := filepath.Join(t.TempDir(), "root.key")
	if r := b.keygen(t, "--out", key, "--kms-key", b.key); r.Epoch != 1 || r.Fingerprint != "" {
		t.Errorf("made: %+v", r)
	}
	if r := b.keygen(t, "--out", key, "--kms-key", b.key, "--rotate"); r.Epoch != 2 || r.Fingerprint != "" {
		t.Errorf("rotated: %+v", r)
	}
	b.kms.Refuse("Decrypt", "")
	if got := b.mask(t, "--key-file", key); len(phones(got)) != 1 {
		t.Errorf("masked: %s", got)
	}
	// Destroyed is destroyed.
	b.kms.DestroyKey(b.key)
	if r := b.maskrail(t, "mask", "--policy", write(t, "policy.yaml", smallPolicy), "--key-file", key, "--out", filepath.Join(t.TempDir(), "out.csv"), write(t, "in.csv", goodCSV)); r.code != 2 {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}

// The commands of the guide to keys work one after the other, as they stand there.
func TestKeyGuideCommands(t *testing.T) {
	t.Parallel()
	b := newKeyBench(t)
	b.kms.Alias("alias/maskrail", b.key)
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(smallPolicy), 0o600), os.WriteFile(filepath.Join(dir, "calls.csv"), []byte(goodCSV), 0o600)); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for i, part := range strings.Split(content(t, "../../../docs/keys.md"), "```sh\n") {
		if i > 0 {
			block, _, _ := strings.Cut(part, "```")
			script.WriteString(block)
		}
	}
	if n := strings.Count(script.String(), "maskrail "); n < 8 {
		t.Fatalf("%d commands in the guide", n)
	}
	sh := exec.CommandContext(t.Context(), "sh", "-ec", script.String())
	sh.Dir, sh.Env = dir, slices.Concat(os.Environ(), b.with("PATH="+bin+":"+os.Getenv("PATH")))
	if out, err := sh.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for file, want := range map[string]string{"before-rotation.duckdb": "1", filepath.Join("data", "sandbox.duckdb"): "2"} {
		if got := one(t, filepath.Join(dir, file), "SELECT string_agg(DISTINCT key_epoch) FROM maskrail_ledger WHERE loaded = 2"); got != want {
			t.Errorf("%s has rows of epoch %s, want %s", file, got, want)
		}
	}
}

// Of the workers the masker alone has keys, so it alone links the way to them.
func TestWhoLinksKMS(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"maskrail": true, "masker": true, "exporter": false, "validator": false, "loader": false} {
		info, err := buildinfo.ReadFile(filepath.Join(bin, name))
		if err != nil {
			t.Fatal(err)
		}
		links := slices.ContainsFunc(info.Deps, func(m *debug.Module) bool { return strings.HasSuffix(m.Path, "/service/kms") })
		if links != want {
			t.Errorf("%s links the KMS client: %v", name, links)
		}
	}
}
