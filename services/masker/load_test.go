package masker

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms"
	"github.com/maskrail/maskrail/libs/keys/awskms/kmstest"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// The service takes a wrapped key as it takes a plain one, from a file and from the environment, and masks under the epoch
// that it is told. The environment is the process's, so this test does not run in parallel.
func TestOpenUnwrapsTheKey(t *testing.T) {
	server := kmstest.New(t)
	for name, value := range server.Environment() {
		t.Setenv(name, value)
	}
	kms, key := awskms.New(awskms.Options{}), server.CreateKey()
	dir := t.TempDir()
	plain, file := keys.NewEntry(1), filepath.Join(dir, "root.key")
	wrapped, err := kms.Wrap(t.Context(), key, plain)
	if err != nil {
		t.Fatal(err)
	}
	second, err := kms.Generate(t.Context(), key, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Create(file, func(w io.Writer) error { return keys.Write(w, wrapped, second) }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := Default()
	config.Environment, config.Policy, config.SigningKey = "sandbox", filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "sign.pem")
	if err := os.WriteFile(config.Policy, []byte(header+people), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keys.Create(config.SigningKey, attest.GenerateKey); err != nil {
		t.Fatal(err)
	}
	config.SealTo = filepath.Join(dir, "seal.pem.pub")
	if err := sketch.CreateKeyPair(filepath.Join(dir, "seal.pem")); err != nil {
		t.Fatal(err)
	}
	deps := app.Deps{Bus: membus.New(bus.Streams(bus.Horizon)), Store: memblob.New("maskrail-raw", "maskrail-masked"), Telemetry: telemetry.Discard()}

	fingerprints := map[int]string{}
	for name, source := range map[string]func(*Config){
		"file": func(c *Config) { c.KeyFile = file },
		"text": func(c *Config) { c.Key = keys.NewSecret(text) },
	} {
		for _, epoch := range []int{0, 1, 2} {
			c := config
			source(&c)
			c.KeyEpoch = epoch
			s, err := Open(t.Context(), c, deps)
			if err != nil {
				t.Fatalf("%s, epoch %d: %v", name, epoch, err)
			}
			for _, p := range s.plans {
				if before := fingerprints[epoch]; before != "" && before != p.ring.Fingerprint() {
					t.Errorf("epoch %d: two fingerprints", epoch)
				}
				fingerprints[epoch] = p.ring.Fingerprint()
			}
		}
	}
	if fingerprints[0] != fingerprints[2] || fingerprints[1] == fingerprints[2] || fingerprints[1] == "" {
		t.Errorf("fingerprints by epoch: %v", fingerprints)
	}

	config.KeyFile = file
	for name, c := range map[string]struct {
		edit func(*Config)
		want string
	}{
		"epoch that is not there": {func(c *Config) { c.KeyEpoch = 3 }, "no key of epoch 3"},
		"access denied":           {func(*Config) { server.Refuse("Decrypt", "AccessDeniedException") }, "allow this identity kms:Decrypt"},
	} {
		wrong := config
		c.edit(&wrong)
		if _, err := Open(t.Context(), wrong, deps); !app.IsUsage(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want wrong usage with %q", name, err, c.want)
		}
		server.Refuse("Decrypt", "")
	}
}
