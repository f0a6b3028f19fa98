package masker

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
)

// Config is the masker's configuration. It is the only service that gets a key.
type Config struct {
	app.Common `yaml:",inline"`
	// Environment is the sandbox that this masker works for, e.g. sandbox-01. Tokens of two environments have
	// nothing in common. MASKRAIL_ENVIRONMENT
	Environment string `yaml:"environment" env:"ENVIRONMENT"`
	// Policy is the path of the policy file. MASKRAIL_POLICY
	Policy string `yaml:"policy" env:"POLICY"`
	// KeyFile is the path of the key file, mode 0600. MASKRAIL_KEY_FILE
	KeyFile string `yaml:"keyFile" env:"KEY_FILE"`
	// Key is the content of a key file; it comes from MASKRAIL_KEY alone.
	Key keys.Secret `yaml:"key,omitempty" env:"KEY"`
	// KeyEpoch is the epoch of the key to mask with, for a sandbox that was filled before a rotation; 0 is the last.
	// MASKRAIL_KEY_EPOCH
	KeyEpoch int `yaml:"keyEpoch" env:"KEY_EPOCH"`
	// SigningKey is the path of the private Ed25519 key (PKCS#8 PEM, mode 0600) that signs what was done.
	// MASKRAIL_SIGNING_KEY
	SigningKey string `yaml:"signingKey" env:"SIGNING_KEY"`
	// SealTo is the path of the validator's public key (X25519, PEM) to which the keys of sketches are sealed. MASKRAIL_SEAL_TO
	SealTo string `yaml:"sealTo" env:"SEAL_TO"`
	// Trust is the folder with the public keys that validator and loader believe. What other maskers of it made need not be
	// masked again, and the masker does not start with a key or policy that nobody would accept. "" trusts the own key
	// alone and asks nobody. MASKRAIL_TRUST
	Trust string `yaml:"trust" env:"TRUST"`
	// Objects are masked at the same time, 1 to 64; one more arrives or is stored meanwhile. MASKRAIL_OBJECTS
	Objects int `yaml:"objects" env:"OBJECTS"`
	// Workers are the goroutines that mask one object, 1 to 256. Memory is about 16,384 rows for each of them and one
	// more, times Objects. MASKRAIL_WORKERS
	Workers int `yaml:"workers" env:"WORKERS"`
	// Drift says who is told of fields that the policy does not name.
	Drift DriftConfig `yaml:"drift" envPrefix:"DRIFT_"`
}

// DriftConfig says who is told when a field drifts: once for each field, environment and policy. The bus always is.
type DriftConfig struct {
	// WebhookFile is a file, mode 0600, with a URL that gets a POST with a JSON body: entity, field, type and opinion, and
	// no value. Whoever has the URL can post, so it is a secret. MASKRAIL_DRIFT_WEBHOOK_FILE
	WebhookFile string `yaml:"webhookFile" env:"WEBHOOK_FILE"`
	// Webhook is the URL itself; it comes from MASKRAIL_DRIFT_WEBHOOK alone.
	Webhook keys.Secret `yaml:"webhook,omitempty" env:"WEBHOOK"`
	// Timeout is how long one call may take, 100ms to 1m. MASKRAIL_DRIFT_TIMEOUT
	Timeout time.Duration `yaml:"timeout" env:"TIMEOUT"`
}

// Default is one object at a time with a goroutine for each processor.
func Default() Config {
	return Config{Common: app.DefaultCommon(), Objects: 1, Workers: min(runtime.GOMAXPROCS(0), maxWorkers),
		Drift: DriftConfig{Timeout: 5 * time.Second}}
}

const (
	maxObjects     = 64
	maxWorkers     = 256
	minHook        = 100 * time.Millisecond
	maxHook        = time.Minute
	maxEnvironment = 64 // bytes; it is the salt of every key
)

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	errs := []error{c.Common.Validate()}
	wrong := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
	}
	if c.Environment == "" || len(c.Environment) > maxEnvironment || strings.ContainsFunc(c.Environment, func(r rune) bool { return r <= ' ' || r > '~' }) {
		wrong("environment", "want the sandbox's name, 1 to %d visible ASCII characters, such as sandbox-01", maxEnvironment)
	}
	if c.Policy == "" {
		wrong("policy", "want the path of the policy file")
	}
	switch {
	case c.KeyFile == "" && c.Key.IsZero():
		wrong("keyFile", "want the path of a key file; `maskrail keygen --out FILE` makes one")
	case c.KeyFile != "" && !c.Key.IsZero():
		wrong("keyFile", "the key is given twice: unset %s or %s", keys.FileVar, keys.TextVar)
	}
	if c.KeyEpoch < 0 {
		wrong("keyEpoch", "want an epoch of the key file, or 0 for its last")
	}
	if c.SigningKey == "" {
		wrong("signingKey", "want the path of an Ed25519 private key in PEM")
	}
	if c.SealTo == "" {
		wrong("sealTo", "want the path of the validator's public sealing key; `maskrail keygen --sealing FILE` makes a pair")
	}
	if c.Objects < 1 || c.Objects > maxObjects {
		wrong("objects", "want 1 to %d", maxObjects)
	}
	if c.Workers < 1 || c.Workers > maxWorkers {
		wrong("workers", "want 1 to %d", maxWorkers)
	}
	if !c.Drift.Webhook.IsZero() && c.Drift.WebhookFile != "" {
		wrong("drift.webhookFile", "the URL is given twice: unset MASKRAIL_DRIFT_WEBHOOK or drift.webhookFile")
	} else if _, err := c.Drift.url(); err != nil {
		errs = append(errs, err)
	}
	if c.Drift.Timeout < minHook || c.Drift.Timeout > maxHook {
		wrong("drift.timeout", "want %s to %s", minHook, maxHook)
	}
	return errors.Join(errs...)
}

// url is where the alerts go, from the variable or the file; empty for nowhere.
func (d DriftConfig) url() (keys.Secret, error) {
	secret, field := d.Webhook, "MASKRAIL_DRIFT_WEBHOOK"
	if d.WebhookFile != "" {
		field = "drift.webhookFile"
		content, err := keys.ReadPrivate(d.WebhookFile)
		if err != nil {
			return keys.Secret{}, fmt.Errorf("drift.webhookFile: %w", err)
		}
		if secret = keys.NewSecret(bytes.TrimSpace(content)); secret.IsZero() {
			return keys.Secret{}, fmt.Errorf("drift.webhookFile: %s is empty", d.WebhookFile)
		}
	}
	if secret.IsZero() {
		return secret, nil
	}
	u, err := url.Parse(string(secret.Bytes()))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return keys.Secret{}, fmt.Errorf("%s: want a URL that begins with https:// or http://", field)
	}
	return secret, nil
}
