package loader

import (
	"errors"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/loader/duckdb"
)

// Config is the loader's configuration. One loader serves one environment.
type Config struct {
	app.Common `yaml:",inline"`
	// Environment is the sandbox whose objects are loaded. MASKRAIL_ENVIRONMENT
	Environment string `yaml:"environment" env:"ENVIRONMENT"`
	// Sandbox is the DuckDB file; "" is <environment>.duckdb in the working directory. MASKRAIL_SANDBOX
	Sandbox string `yaml:"sandbox" env:"SANDBOX"`
	// Memory is what DuckDB may use; the process needs up to 200 MB beyond it. MASKRAIL_SANDBOX_MEMORY
	Memory string `yaml:"memory" env:"SANDBOX_MEMORY"`
	// Threads are DuckDB's. MASKRAIL_SANDBOX_THREADS
	Threads int `yaml:"threads" env:"SANDBOX_THREADS"`
	// Notice is how often the log says that a load waits for somebody who has the sandbox open.
	// MASKRAIL_SANDBOX_NOTICE
	Notice time.Duration `yaml:"notice" env:"SANDBOX_NOTICE"`
	// Trust is the folder that says whose statements are believed and which policies the environment allows.
	// MASKRAIL_TRUST
	Trust string `yaml:"trust" env:"TRUST"`
}

// Default is the configuration of a loader that lacks the folder with the trusted keys.
func Default() Config {
	d := duckdb.Default("", "")
	return Config{Common: app.DefaultCommon(), Environment: "sandbox", Memory: d.Memory, Threads: d.Threads, Notice: d.LockWait}
}

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	var trust error
	if c.Trust == "" {
		trust = errors.New("trust: want the folder with the trusted public keys: make one with maskrail trust add")
	}
	return errors.Join(c.Common.Validate(), c.check(), c.database().Validate(), trust)
}

func (c Config) check() error {
	var errs []error
	if c.Environment == "" {
		errs = append(errs, errors.New("environment: must not be empty"))
	}
	if c.Notice <= 0 {
		errs = append(errs, errors.New("notice: must be a positive duration such as 20s"))
	}
	return errors.Join(errs...)
}

// database is the sandbox's part of the configuration.
func (c Config) database() duckdb.Config {
	d := duckdb.Config{
		Path: c.Sandbox, TempDir: c.TempDir, Memory: c.Memory, Threads: c.Threads, LockWait: c.Notice, Environment: c.Environment,
	}
	if d.Path == "" {
		d.Path = c.Environment + ".duckdb"
	}
	return d.WithTempDir()
}
