package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
)

// Common is the configuration that every service shares. A service embeds it, with `yaml:",inline"`.
type Common struct {
	NATS    NATS    `yaml:"nats" envPrefix:"NATS_"`
	S3      S3      `yaml:"s3" envPrefix:"S3_"`
	Buckets Buckets `yaml:"buckets" envPrefix:"BUCKETS_"`
	// HTTP is where /metrics, /healthz and /readyz are served, host:port. MASKRAIL_HTTP
	HTTP string `yaml:"http" env:"HTTP"`
	// Log is the least severe level that is logged: debug, info, warn or error. MASKRAIL_LOG
	Log string `yaml:"log" env:"LOG"`
	// TempDir takes parts of objects while they are worked on; the files are unmasked, so it should be on an encrypted
	// or memory file system. "" means the system's. MASKRAIL_TEMP_DIR
	TempDir string `yaml:"tempDir" env:"TEMP_DIR"`
	// AckWait is how soon the bus hands the work of a killed worker to another, 1s to 1h. A worker that lives says so three
	// times in that span, so it may be far shorter than the work takes. MASKRAIL_ACK_WAIT
	AckWait time.Duration `yaml:"ackWait" env:"ACK_WAIT"`
}

const (
	minAckWait = time.Second
	maxAckWait = time.Hour
)

// NATS is the message bus.
type NATS struct {
	// URL is one server or several with commas between them. It holds no password. MASKRAIL_NATS_URL
	URL string `yaml:"url" env:"URL"`
	// Credentials is the path of a .creds file; "" connects without. MASKRAIL_NATS_CREDENTIALS
	Credentials string `yaml:"credentials" env:"CREDENTIALS"`
}

// S3 is the object store. Without an access key the credentials come from where AWS tools find them: environment, shared
// configuration, role of the machine.
type S3 struct {
	// Endpoint is the URL of a server other than AWS. MASKRAIL_S3_ENDPOINT
	Endpoint string `yaml:"endpoint" env:"ENDPOINT"`
	// Region may be empty: AWS_REGION decides then, or us-east-1 for a server other than AWS. MASKRAIL_S3_REGION
	Region string `yaml:"region" env:"REGION"`
	// AccessKey is the name of the key pair and no secret. MASKRAIL_S3_ACCESS_KEY
	AccessKey string `yaml:"accessKey" env:"ACCESS_KEY"`
	// SecretKey comes from MASKRAIL_S3_SECRET_KEY alone.
	SecretKey keys.Secret `yaml:"secretKey,omitempty" env:"SECRET_KEY"`
	// SecretKeyFile is a file with the secret key, mode 0600. MASKRAIL_S3_SECRET_KEY_FILE
	SecretKeyFile string `yaml:"secretKeyFile" env:"SECRET_KEY_FILE"`
	// PathStyle puts the bucket into the path, as most servers other than AWS need it. MASKRAIL_S3_PATH_STYLE
	PathStyle bool `yaml:"pathStyle" env:"PATH_STYLE"`
}

// Buckets are the three buckets. MASKRAIL_BUCKETS_RAW, _MASKED, _QUARANTINE
type Buckets struct {
	Raw        string `yaml:"raw" env:"RAW"`               // what comes in; temporary
	Masked     string `yaml:"masked" env:"MASKED"`         // what goes to the sandbox
	Quarantine string `yaml:"quarantine" env:"QUARANTINE"` // masked objects that were refused
}

// DefaultCommon is the configuration of a service beside a NATS server, with AWS.
func DefaultCommon() Common {
	return Common{
		NATS:    NATS{URL: "nats://127.0.0.1:4222"},
		Buckets: Buckets{Raw: "maskrail-raw", Masked: "maskrail-masked", Quarantine: "maskrail-quarantine"},
		HTTP:    ":9090",
		Log:     "info",
		AckWait: 30 * time.Second,
	}
}

// Level is Log as a level; info when it is none, which Validate refuses.
func (c Common) Level() slog.Level {
	level, _ := parseLevel(c.Log)
	return level
}

func parseLevel(text string) (slog.Level, bool) {
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug, true
	case "info":
		return slog.LevelInfo, true
	case "warn":
		return slog.LevelWarn, true
	case "error":
		return slog.LevelError, true
	}
	return slog.LevelInfo, false
}

// Secret is the secret key, from the variable or the file. It is empty without an access key.
func (s S3) Secret() (keys.Secret, error) {
	if s.SecretKeyFile == "" {
		return s.SecretKey, nil
	}
	return ReadSecret("s3.secretKeyFile", s.SecretKeyFile)
}

// ReadSecret reads the secret, mode 0600, that a field of the configuration names. Space around it does not belong to it.
func ReadSecret(field, path string) (keys.Secret, error) {
	content, err := keys.ReadPrivate(path)
	if err != nil {
		return keys.Secret{}, Usage(fmt.Errorf("%s: %w", field, err))
	}
	secret := keys.NewSecret(bytes.TrimSpace(content))
	if secret.IsZero() {
		return keys.Secret{}, Usage(fmt.Errorf("%s: %s is empty", field, path))
	}
	return secret, nil
}

// Validate names every field that is wrong and what is right.
func (c Common) Validate() error {
	var errs []error
	wrong := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{field}, args...)...))
	}
	for server := range strings.SplitSeq(c.NATS.URL, ",") {
		switch u, err := url.Parse(strings.TrimSpace(server)); {
		case err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme):
			wrong("nats.url", "want a URL like nats://127.0.0.1:4222")
		case u.User != nil:
			wrong("nats.url", "must hold no user or password: name a file in nats.credentials")
		}
	}
	if e := c.S3.Endpoint; e != "" {
		if u, err := url.Parse(e); err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.User != nil {
			wrong("s3.endpoint", "want a URL like http://127.0.0.1:7070 without user or password, or nothing for AWS")
		}
	}
	haveSecret := !c.S3.SecretKey.IsZero() || c.S3.SecretKeyFile != ""
	switch {
	case !c.S3.SecretKey.IsZero() && c.S3.SecretKeyFile != "":
		wrong("s3.secretKeyFile", "the secret key is given twice: unset %sS3_SECRET_KEY or s3.secretKeyFile", EnvPrefix)
	case c.S3.AccessKey != "" && !haveSecret:
		wrong("s3.accessKey", "has no secret key: set s3.secretKeyFile or %sS3_SECRET_KEY", EnvPrefix)
	case c.S3.AccessKey == "" && haveSecret:
		wrong("s3.accessKey", "must not be empty when a secret key is given")
	}
	c.Buckets.validate(wrong)
	if err := checkAddress(c.HTTP); err != nil {
		wrong("http", "%w", err)
	}
	if _, ok := parseLevel(c.Log); !ok {
		wrong("log", "want debug, info, warn or error")
	}
	if c.TempDir != "" {
		if info, err := os.Stat(c.TempDir); err != nil || !info.IsDir() {
			wrong("tempDir", "%s is no folder: create it, or leave it empty for the system's", c.TempDir)
		}
	}
	if c.AckWait < minAckWait || c.AckWait > maxAckWait {
		wrong("ackWait", "want %s to %s", minAckWait, maxAckWait)
	}
	return errors.Join(errs...)
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

func (b Buckets) validate(wrong func(field, format string, args ...any)) {
	seen := map[string]string{}
	for _, f := range []struct{ field, name string }{
		{"buckets.raw", b.Raw}, {"buckets.masked", b.Masked}, {"buckets.quarantine", b.Quarantine},
	} {
		if !bucketName.MatchString(f.name) {
			wrong(f.field, "want 3 to 63 lower-case letters, digits, dots and dashes")
		} else if other, ok := seen[f.name]; ok {
			wrong(f.field, "is the same as %s: who may read one must not read the other", other)
		}
		seen[f.name] = f.field
	}
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("want host:port with a port from 0 to 65535, such as :9090 or 127.0.0.1:9090")
	}
	return nil
}
