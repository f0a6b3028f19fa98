package validator

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/maskrail/maskrail/libs/app"
)

// maxWorkers bounds Config.Workers: each holds a batch in memory.
const maxWorkers = 256

// Config is the configuration of a validator.
type Config struct {
	app.Common `yaml:",inline"`
	// Environment is the sandbox whose objects are checked. MASKRAIL_ENVIRONMENT
	Environment string `yaml:"environment" env:"ENVIRONMENT"`
	// Policy is the path of the policy file; only objects masked by it pass. MASKRAIL_POLICY
	Policy string `yaml:"policy" env:"POLICY"`
	// SigningKey is the path of the validator's private key, mode 0600. MASKRAIL_SIGNING_KEY
	SigningKey string `yaml:"signingKey" env:"SIGNING_KEY"`
	// MaskerKeys are the paths of the public keys of trusted maskers. MASKRAIL_MASKER_KEYS, with commas between them
	MaskerKeys []string `yaml:"maskerKeys" env:"MASKER_KEYS"`
	// ValidatorKeys are the paths of public keys that verdicts were signed with before SigningKey and that still
	// count. May be empty. MASKRAIL_VALIDATOR_KEYS, with commas between them
	ValidatorKeys []string `yaml:"validatorKeys" env:"VALIDATOR_KEYS"`
	// Workers is how many batches of one object are checked side by side, 1 to 256. MASKRAIL_WORKERS
	Workers int `yaml:"workers" env:"WORKERS"`
}

// Default is a configuration that lacks the environment, the policy and the keys.
func Default() Config {
	return Config{Common: app.DefaultCommon(), Workers: min(runtime.GOMAXPROCS(0), maxWorkers)}
}

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	errs := []error{c.Common.Validate()}
	wrong := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if c.Environment == "" {
		wrong("environment: want the name of the sandbox whose objects are checked, such as sandbox")
	}
	if c.Policy == "" {
		wrong("policy: want the path of the policy file that the masker uses")
	}
	if c.SigningKey == "" {
		wrong("signingKey: want the path of a private key: make one with maskrail keygen")
	}
	if len(c.MaskerKeys) == 0 {
		wrong("maskerKeys: want the path of at least one masker's public key: nothing would pass without")
	}
	if c.Workers < 1 || c.Workers > maxWorkers {
		wrong("workers: want 1 to %d", maxWorkers)
	}
	return errors.Join(errs...)
}
