package s3

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/keys"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	secret := keys.NewSecret([]byte("canary"))
	tests := []struct {
		name string
		c    Config
		want string // part of the error; "" means none
	}{
		{"local server", Config{Endpoint: "http://127.0.0.1:9000", AccessKey: "a", SecretKey: secret, PathStyle: true}, ""},
		{"aws", Config{Region: "eu-central-1", AccessKey: "a", SecretKey: secret}, ""},
		{"aws without region", Config{AccessKey: "a", SecretKey: secret}, "AWS_REGION"},
		{"endpoint without scheme", Config{Endpoint: "127.0.0.1:9000"}, "s3 endpoint"},
		{"endpoint with credentials", Config{Endpoint: "http://a:canary@host"}, "without credentials"},
		{"half a key", Config{Endpoint: "http://host", AccessKey: "a"}, "set together"},
		{"page size", Config{Endpoint: "http://host", AccessKey: "a", SecretKey: secret, PageSize: 1001}, "1 to 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := New(t.Context(), tt.c)
			switch {
			case err == nil && tt.want == "":
				s.Close()
			case err == nil:
				t.Error("no error")
			case tt.want == "" || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary"):
				t.Errorf("error %q, want %q", err, tt.want)
			}
		})
	}
}

func TestSecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	c := Config{SecretKey: keys.NewSecret([]byte("canary"))}
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", c.SecretKey, "config", c)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v %s %q %x", c, c, c.SecretKey, c.SecretKey, c.SecretKey), string(j), log.String()} {
		if strings.Contains(text, "canary") || strings.Contains(text, fmt.Sprintf("%x", "canary")) {
			t.Errorf("the secret shows: %s", text)
		}
	}
}

// TestUnreachable looks at the error of a server that is not there: the address, and no key.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	s, err := New(t.Context(), Config{Endpoint: "http://" + addr, AccessKey: "a", SecretKey: keys.NewSecret([]byte("b")), PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	loc := blob.Location{Bucket: "bucket", Key: "phone=2125550147"}
	_, _, err = s.Get(t.Context(), loc, blob.Range{})
	if err == nil || !strings.Contains(err.Error(), "unavailable") || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), loc.ShortID()) || strings.Contains(err.Error(), "2125550147") {
		t.Errorf("error %q: want the address and the short id, and no key", err)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a    Answer
		is   error
		says string
	}{
		{Answer{404, "NoSuchKey"}, blob.ErrNotFound, "404 NoSuchKey"},
		{Answer{404, "NoSuchBucket"}, blob.ErrNoBucket, "no such bucket"},
		{Answer{404, ""}, blob.ErrNotFound, "404"},
		{Answer{412, "PreconditionFailed"}, errPrecondition, "412"},
		{Answer{400, "BadDigest"}, blob.ErrChecksum, "checksum mismatch"},
		{Answer{403, "SignatureDoesNotMatch"}, nil, "secret key"},
		{Answer{403, "AccessDenied"}, nil, "policy"},
		{Answer{400, "EntityTooLarge"}, nil, "5 GiB"},
		{Answer{503, "SlowDown"}, nil, "503 SlowDown"},
	}
	for _, tt := range tests {
		if err := error(&tt.a); !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%d %s: error %q, want %q", tt.a.Status, tt.a.Code, err, tt.says)
		}
	}
}

func TestCleanKeepsForeignTextOut(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		errors.New("no such key: phone=2125550147"),
		fmt.Errorf("operation error: %w", errors.New("/bucket/phone=2125550147")),
	} {
		if got := clean(context.Background(), err); strings.Contains(got.Error(), "2125550147") {
			t.Errorf("error shows the key: %v", got)
		}
	}
	if got := code("phone=2125550147"); strings.Contains(got, "2125550147") {
		t.Errorf("code shows the key: %s", got)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	id, tag, look := pin("etag:abc")
	if id != nil || tag == nil || *tag != `"abc"` || look != "" {
		t.Error("an entity tag is pinned by If-Match")
	}
	if id, _, _ := pin("3sL4kqtJlcpXroDTDmJ"); id == nil {
		t.Error("a version id is pinned by itself")
	}
	null := "null"
	if v := version(&null, blob.Object{ETag: "abc"}); v != "etag:abc" {
		t.Errorf("version %q of an object put without versioning, want its entity tag", v)
	}
}

// The environment is the process's, so this test does not run in parallel.
func TestAuthoritiesOfTheEnvironment(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CA_BUNDLE": bundle} {
		t.Setenv(name, value)
	}
	s, err := New(t.Context(), Config{Endpoint: server.URL, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Head(t.Context(), blob.Location{Bucket: "bucket", Key: "k"}); !errors.Is(err, blob.ErrNoBucket) {
		t.Errorf("a server with a certificate of the bundle: %v, want its answer", err)
	}
}
