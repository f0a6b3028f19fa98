package validator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// files writes what a configuration names.
func files(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	c := Default()
	c.Environment, c.Policy, c.SigningKey = env, filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "validator.key")
	c.SealKey = filepath.Join(dir, "seal.key")
	if err := sketch.CreateKeyPair(c.SealKey); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Policy, readFile(t, "testdata/policy.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	policies, err := policy.Load(c.Policy)
	if err != nil {
		t.Fatal(err)
	}
	c.Trust = filepath.Join(dir, "trust")
	trust(t, c, attest.Validator, c.SigningKey)
	trust(t, c, attest.Masker, filepath.Join(dir, "masker.key"))
	if _, err := attest.TrustFolder(c.Trust).Allow(env, policies.Digests()...); err != nil {
		t.Fatal(err)
	}
	return c
}

// trust makes a key pair and trusts it.
func trust(t *testing.T, c Config, role, key string) {
	t.Helper()
	if err := attest.CreateKeyPair(key); err != nil {
		t.Fatal(err)
	}
	public := readFile(t, key+attest.PublicSuffix)
	if _, err := attest.TrustFolder(c.Trust).Add(attest.Entry{Role: role, Key: public, Environments: []string{env}}); err != nil {
		t.Fatal(err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*Config)
		want  string // in the error; "" for none
	}{
		"whole":                     {func(*Config) {}, ""},
		"no policy file":            {func(c *Config) { c.Policy += ".none" }, "read policy"},
		"no signing key":            {func(c *Config) { c.SigningKey += ".none" }, "signingKey"},
		"the public key as private": {func(c *Config) { c.SigningKey += attest.PublicSuffix }, "signingKey"},
		"no trust folder":           {func(c *Config) { c.Trust += ".none" }, "trust: "},
		"another's signing key":     {func(c *Config) { c.SigningKey = filepath.Join(filepath.Dir(c.SigningKey), "masker.key") }, "trusted as masker and not as validator"},
		"another environment":       {func(c *Config) { c.Environment = "sandbox-02" }, "not trusted as validator in sandbox-02"},
		"a policy of another digest": {func(c *Config) {
			changed := append(readFile(t, c.Policy), "# longer\n"...)
			if err := os.WriteFile(c.Policy, []byte(strings.Replace(string(changed), "known: [acme, globex]", "known: [acme]", 1)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "policy not allowed"},
		"no sealing key":             {func(c *Config) { c.SealKey += ".none" }, "sealKey"},
		"a signing key to open with": {func(c *Config) { c.SealKey = c.SigningKey }, "sealKey"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := files(t)
			tt.spoil(&c)
			_, err := Open(c, app.Deps{Bus: membus.New(bus.Streams(bus.Horizon)), Store: memblob.New(), Telemetry: telemetry.Discard()})
			if tt.want == "" && err != nil || tt.want != "" && (!app.IsUsage(err) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want an error of usage that says %q", err, tt.want)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	if err := files(t).Validate(); err != nil {
		t.Error(err)
	}
	err := Config{}.Validate()
	for _, field := range []string{"environment:", "policy:", "signingKey:", "sealKey:", "trust:", "workers:", "nats.url:"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("an empty configuration is not told about %s", field)
		}
	}
}

func TestLoadConfig(t *testing.T) {
	want := files(t)
	t.Setenv("MASKRAIL_TRUST", "here")
	t.Setenv("MASKRAIL_WORKERS", "3")
	path := filepath.Join(t.TempDir(), "validator.yaml")
	content := "environment: " + env + "\npolicy: " + want.Policy + "\nsigningKey: " + want.SigningKey + "\nsealKey: " + want.SealKey + "\ntrust: there\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got := Default()
	if err := app.Load(path, &got); err != nil {
		t.Fatal(err)
	}
	if got.Environment != env || got.Policy != want.Policy || got.Workers != 3 || got.Trust != "here" {
		t.Errorf("got %+v", got)
	}
}
