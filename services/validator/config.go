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
	// SealKey is the path of the private key, mode 0600, that opens what maskers seal to this validator. MASKRAIL_SEAL_KEY
	SealKey string `yaml:"sealKey" env:"SEAL_KEY"`
	// Trust is the folder that says whose statements are believed and which policies the environment allows. The public
	// part of SigningKey and the digests of Policy must be in it. MASKRAIL_TRUST
	Trust string `yaml:"trust" env:"TRUST"`
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
	if c.SealKey == "" {
		wrong("sealKey: want the path of the private key whose public part maskers seal to: make one with maskrail keygen --sealing")
	}
	if c.Trust == "" {
		wrong("trust: want the folder with the trusted public keys: make one with maskrail trust add")
	}
	if c.Workers < 1 || c.Workers > maxWorkers {
		wrong("workers: want 1 to %d", maxWorkers)
	}
	return errors.Join(errs...)
}
