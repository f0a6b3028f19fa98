package validator

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// files writes what a configuration names.
func files(t *testing.T) Config {
	t.Helper()
	dir := t.TempDir()
	c := Default()
	c.Environment, c.Policy, c.SigningKey = env, filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "validator.key")
	masker := filepath.Join(dir, "masker.key")
	c.MaskerKeys = []string{masker + attest.PublicSuffix}
	for _, key := range []string{c.SigningKey, masker} {
		if err := attest.CreateKeyPair(key); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(c.Policy, readFile(t, "testdata/policy.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
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
		"no masker's key":           {func(c *Config) { c.MaskerKeys = []string{"none.pub"} }, "maskerKeys"},
		"the own key as a masker's": {func(c *Config) { c.MaskerKeys = []string{c.SigningKey + attest.PublicSuffix} }, "a key of its own"},
		"a masker's key as an earlier validator's": {func(c *Config) { c.ValidatorKeys = c.MaskerKeys }, "a key of its own"},
		"an earlier key": {func(c *Config) { c.ValidatorKeys = []string{c.SigningKey + attest.PublicSuffix} }, ""},
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
	for _, field := range []string{"environment:", "policy:", "signingKey:", "maskerKeys:", "workers:", "nats.url:"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("an empty configuration is not told about %s", field)
		}
	}
}

func TestLoadConfig(t *testing.T) {
	want := files(t)
	t.Setenv("MASKRAIL_MASKER_KEYS", "a.pub,b.pub")
	t.Setenv("MASKRAIL_WORKERS", "3")
	path := filepath.Join(t.TempDir(), "validator.yaml")
	content := "environment: " + env + "\npolicy: " + want.Policy + "\nsigningKey: " + want.SigningKey + "\nmaskerKeys: [c.pub]\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got := Default()
	if err := app.Load(path, &got); err != nil {
		t.Fatal(err)
	}
	if got.Environment != env || got.Policy != want.Policy || got.Workers != 3 || !slices.Equal(got.MaskerKeys, []string{"a.pub", "b.pub"}) {
		t.Errorf("got %+v", got)
	}
}
