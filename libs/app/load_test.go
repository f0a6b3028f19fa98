package app_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// config is what a service's configuration looks like.
type config struct {
	app.Common `yaml:",inline"`
	Workers    int           `yaml:"workers" env:"WORKERS"`
	Wait       time.Duration `yaml:"wait" env:"WAIT"`
	Policies   []string      `yaml:"policies" env:"POLICIES"`
	Deep       struct {
		Limit int `yaml:"limit" env:"LIMIT"`
	} `yaml:"deep" envPrefix:"DEEP_"`
}

func (c config) Validate() error {
	if c.Workers < 1 {
		return errors.Join(c.Common.Validate(), errors.New("workers: want at least 1"))
	}
	return c.Common.Validate()
}

func defaults() config {
	return config{Common: app.DefaultCommon(), Workers: 2, Wait: 30 * time.Second}
}

func file(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultConfigurationIsGolden(t *testing.T) {
	t.Parallel()
	got, err := yaml.Marshal(app.DefaultCommon())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "default.yaml")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("default configuration differs from %s: %v\n%s", path, err, got)
	}
	// What is written must load again, to the same.
	again := app.Common{}
	if err := app.Load(path, &again); err != nil || fmt.Sprint(again) != fmt.Sprint(app.DefaultCommon()) {
		t.Errorf("the default file does not load to the defaults: %v", err)
	}
}

// The environment is the process's, so this test does not run in parallel.
func TestEnvironmentOverridesFileOverridesDefault(t *testing.T) {
	for key, value := range map[string]string{
		"MASKRAIL_NATS_URL": "tls://bus:4222", "MASKRAIL_S3_ACCESS_KEY": "AKIA", "MASKRAIL_S3_SECRET_KEY": "hush-hush",
		"MASKRAIL_S3_PATH_STYLE": "true", "MASKRAIL_BUCKETS_RAW": "raw-env", "MASKRAIL_DEEP_LIMIT": "9",
		"MASKRAIL_POLICIES": "a.yaml,b.yaml", "MASKRAIL_HTTP": "", "MASKRAIL_LOG": "warn",
	} {
		t.Setenv(key, value)
	}
	c := defaults()
	if err := app.Load(file(t, "wait: 1m\nnats: {url: nats://file:4222}\nhttp: 127.0.0.1:9\nbuckets:\n  masked: from-file\n", 0o600), &c); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		field     string
		got, want any
	}{
		{"default", c.Workers, 2},
		{"default inside a mapping of the file", c.Buckets.Quarantine, "maskrail-quarantine"},
		{"file", c.Wait, time.Minute},
		{"file inside a mapping", c.Buckets.Masked, "from-file"},
		{"empty variable is not set", c.HTTP, "127.0.0.1:9"},
		{"variable over file", c.NATS.URL, "tls://bus:4222"},
		{"variable over default", c.Buckets.Raw, "raw-env"},
		{"nested", c.Deep.Limit, 9},
		{"list", fmt.Sprint(c.Policies), "[a.yaml b.yaml]"},
		{"bool", c.S3.PathStyle, true},
		{"level", c.Level(), slog.LevelWarn},
	} {
		if x.got != x.want {
			t.Errorf("%s: %v, want %v", x.field, x.got, x.want)
		}
	}
	secret, err := c.S3.Secret()
	if err != nil || string(secret.Bytes()) != "hush-hush" {
		t.Errorf("secret key: %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if strings.Contains(fmt.Sprintf(verb, c), "hush") {
			t.Errorf("%s of the configuration shows the secret key", verb)
		}
	}
	if out, err := yaml.Marshal(c); err != nil || strings.Contains(string(out), "hush") {
		t.Errorf("the configuration as YAML shows the secret key: %v", err)
	}
}

func TestWrongEnvironment(t *testing.T) {
	t.Setenv("MASKRAIL_WORKERS", "many-hush")
	t.Setenv("MASKRAIL_DEEP_LIMIT", "x")
	c := defaults()
	err := app.Load("", &c)
	for _, want := range []string{"MASKRAIL_WORKERS: cannot be read as int", "MASKRAIL_DEEP_LIMIT"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("error %v, want one with %q and no value", err, want)
		}
	}
	if !app.IsUsage(err) {
		t.Error("a wrong variable must be wrong usage")
	}
}

func TestWrongFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, content, want string }{
		{"empty is fine", "", ""},
		{"comments alone are fine", "# nothing\n", ""},
		{"unknown field", "workers: 1\nworker: 2\n", `line 2: unknown field "worker"`},
		{"unknown field deep down", "nats:\n  uri: x\n", `line 2: unknown field "uri"`},
		{"twice", "workers: 1\nworkers: 2\n", "line 2"},
		{"wrong type", "workers: [hush]\n", "line 1: want int, not seq"},
		{"wrong scalar", "workers: hush-hush\n", "line 1: want int, not str"},
		{"duration without a unit", "wait: soon-hush\n", "line 1: want time.Duration"},
		{"syntax", "workers: 1\n nats: {\n", "line 2"},
		{"two documents", "workers: 1\n---\nworkers: 2\n", "one YAML document"},
		{"secret", "s3:\n  accessKey: a\n  secretKey: hush\n", "line 3: a secret does not belong"},
		{"validation", "workers: 0\nlog: loud\n", "workers: want at least 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := defaults()
			path := file(t, c.content, 0o600)
			err := app.Load(path, &cfg)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !app.IsUsage(err) {
				t.Fatalf("error %v, want wrong usage with %q", err, c.want)
			}
			if c.name != "validation" && !strings.Contains(err.Error(), path) {
				t.Errorf("error %v does not name the file", err)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("error %v shows a value", err)
			}
		})
	}
	cfg := defaults()
	if err := app.Load(filepath.Join(t.TempDir(), "none.yaml"), &cfg); !app.IsUsage(err) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	secret := keys.NewSecret([]byte("hush"))
	for _, c := range []struct {
		name string
		edit func(*app.Common)
		want string // "" means fine
	}{
		{"default", func(*app.Common) {}, ""},
		{"several servers", func(c *app.Common) { c.NATS.URL = "nats://a:4222, nats://b:4222" }, ""},
		{"no server", func(c *app.Common) { c.NATS.URL = "" }, "nats.url: want"},
		{"second server is wrong", func(c *app.Common) { c.NATS.URL = "nats://a:4222,b" }, "nats.url: want"},
		{"password in the URL", func(c *app.Common) { c.NATS.URL = "nats://u:hush@a:4222" }, "nats.url: must hold no user"},
		{"endpoint", func(c *app.Common) { c.S3.Endpoint = "http://127.0.0.1:7070" }, ""},
		{"endpoint without scheme", func(c *app.Common) { c.S3.Endpoint = "127.0.0.1:7070" }, "s3.endpoint"},
		{"key pair", func(c *app.Common) { c.S3.AccessKey, c.S3.SecretKey = "a", secret }, ""},
		{"half a key pair", func(c *app.Common) { c.S3.AccessKey = "a" }, "s3.accessKey: has no secret key"},
		{"the other half", func(c *app.Common) { c.S3.SecretKey = secret }, "s3.accessKey: must not be empty"},
		{"two secrets", func(c *app.Common) { c.S3.AccessKey, c.S3.SecretKey, c.S3.SecretKeyFile = "a", secret, "f" }, "s3.secretKeyFile"},
		{"bucket name", func(c *app.Common) { c.Buckets.Raw = "Raw" }, "buckets.raw: want 3 to 63"},
		{"one bucket for two", func(c *app.Common) { c.Buckets.Masked = c.Buckets.Raw }, "buckets.masked: is the same as buckets.raw"},
		{"free port", func(c *app.Common) { c.HTTP = "127.0.0.1:0" }, ""},
		{"no port", func(c *app.Common) { c.HTTP = "localhost" }, "http: want host:port"},
		{"port too large", func(c *app.Common) { c.HTTP = ":65536" }, "http: want host:port"},
		{"level", func(c *app.Common) { c.Log = "loud" }, "log: want debug"},
		{"level in capitals", func(c *app.Common) { c.Log = "WARN" }, ""},
		{"temp folder", func(c *app.Common) { c.TempDir = "none/there" }, "tempDir"},
		{"ack wait", func(c *app.Common) { c.AckWait = 2 * time.Second }, ""},
		{"no ack wait", func(c *app.Common) { c.AckWait = 0 }, "ackWait: want 1s to 1h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := app.DefaultCommon()
			c.edit(&cfg)
			err := cfg.Validate()
			if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("error %v shows a secret", err)
			}
		})
	}
	cfg := app.DefaultCommon()
	cfg.NATS.URL, cfg.Log = "", ""
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "nats.url") || !strings.Contains(err.Error(), "log") {
		t.Errorf("error %v, want both fields at once", err)
	}
}

func TestSecretKeyFile(t *testing.T) {
	t.Parallel()
	s := app.S3{AccessKey: "a", SecretKeyFile: file(t, "hush-hush\n", 0o600)}
	if secret, err := s.Secret(); err != nil || string(secret.Bytes()) != "hush-hush" {
		t.Errorf("from a file: %v", err)
	}
	for name, path := range map[string]string{
		"chmod 600": file(t, "hush", 0o644), "is empty": file(t, "\n", 0o600), "no such file": filepath.Join(t.TempDir(), "none"),
	} {
		s.SecretKeyFile = path
		if _, err := s.Secret(); !app.IsUsage(err) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "s3.secretKeyFile") {
			t.Errorf("error %v, want wrong usage with %q", err, name)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("workers: 1\n")
	f.Add("s3: {secretKey: abc}\nnats: {url: nats://a:1}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, content string) {
		cfg := defaults()
		if err := app.Load(file(t, content, 0o600), &cfg); err != nil && !app.IsUsage(err) {
			t.Errorf("%v is not marked as wrong usage", err)
		}
	})
}
