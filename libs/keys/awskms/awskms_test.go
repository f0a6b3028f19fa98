package awskms_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms"
	"github.com/maskrail/maskrail/libs/keys/awskms/kmstest"
)

// TestMain makes the AWS chain that of the test server, for all tests: the environment is the process's.
func TestMain(m *testing.M) {
	env := (&kmstest.Server{}).Environment()
	env["AWS_MAX_ATTEMPTS"] = "2" // the SDK waits up to 2 s before the second and 4 s more before the third
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func setup(t *testing.T) (*kmstest.Server, *awskms.Client, string) {
	t.Helper()
	server := kmstest.New(t)
	return server, awskms.New(awskms.Options{Endpoint: server.URL}), server.CreateKey()
}

// open loads entries as a key file.
func open(t *testing.T, unwrap keys.Unwrap, entries ...keys.Entry) (*keys.Ring, error) {
	t.Helper()
	var text bytes.Buffer
	if err := keys.Write(&text, entries...); err != nil {
		t.Fatal(err)
	}
	return keys.Open(t.Context(), keys.Source{Text: keys.NewSecret(text.Bytes())}, unwrap)
}

func TestWrappedKeyIsThePlainOne(t *testing.T) {
	t.Parallel()
	server, client, key := setup(t)
	server.Alias("alias/maskrail", key)
	for _, name := range []string{key, kmstest.ARN(key), "alias/maskrail"} {
		for epoch := 1; epoch < 4; epoch++ {
			plain := keys.NewEntry(epoch)
			wrapped, err := client.Wrap(t.Context(), name, plain)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(wrapped.Root.Bytes(), plain.Root.Bytes()) || wrapped.Scheme != keys.AWSKMS {
				t.Fatal("the root stands plain in what was wrapped")
			}
			want, errPlain := open(t, nil, plain)
			got, err := open(t, client.Unwrap, wrapped)
			if err != nil || errPlain != nil || got.Fingerprint() != want.Fingerprint() || got.Epoch() != epoch {
				t.Errorf("epoch %d: %v, %v", epoch, err, errPlain)
			}
		}
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	server, client, key := setup(t)
	seen := map[string]bool{}
	for epoch := 1; epoch < 4; epoch++ {
		e, err := client.Generate(t.Context(), key, epoch)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := open(t, client.Unwrap, e)
		if err != nil || ring.Epoch() != epoch || seen[ring.Fingerprint()] {
			t.Errorf("epoch %d: %v", epoch, err)
		}
		seen[ring.Fingerprint()] = true
		if arn, err := client.KeyOf(t.Context(), e); err != nil || arn != kmstest.ARN(key) {
			t.Errorf("the key is %s: %v", arn, err)
		}
	}
	if server.Calls("GenerateDataKey") != 0 {
		t.Error("a root left KMS in the clear")
	}
}

// A root that is moved to another epoch, or changed in any byte, does not open.
func TestBlobIsBound(t *testing.T) {
	t.Parallel()
	_, client, key := setup(t)
	e, err := client.Generate(t.Context(), key, 2)
	if err != nil {
		t.Fatal(err)
	}
	moved := e
	moved.Epoch = 3
	if _, err := open(t, client.Unwrap, moved); err == nil || !strings.Contains(err.Error(), "wrapped for another epoch") {
		t.Errorf("another epoch: %v", err)
	}
	for i := range e.Root.Bytes() {
		blob := bytes.Clone(e.Root.Bytes())
		blob[i] ^= 1
		if _, err := open(t, client.Unwrap, keys.Entry{Epoch: 2, Scheme: e.Scheme, Root: keys.NewSecret(blob)}); err == nil {
			t.Errorf("byte %d changed and nothing noticed", i)
		}
	}
	for n := 1; n < len(e.Root.Bytes()); n++ {
		if _, err := open(t, client.Unwrap, keys.Entry{Epoch: 2, Scheme: e.Scheme, Root: keys.NewSecret(e.Root.Bytes()[:n])}); err == nil {
			t.Errorf("cut to %d bytes and nothing noticed", n)
		}
	}
}

// What is wrapped must be as good as what is plain.
func TestWeakRootsAreRefused(t *testing.T) {
	t.Parallel()
	_, client, key := setup(t)
	for name, c := range map[string]struct {
		root []byte
		want string
	}{
		"short":    {[]byte("0123456789abcdef0123456789abcde"), "31 bytes"},
		"long":     {bytes.Repeat([]byte("ab"), 513), "1026 bytes"},
		"repeated": {make([]byte, 32), "one byte repeated"},
	} {
		e, err := client.Wrap(t.Context(), key, keys.Entry{Epoch: 1, Root: keys.NewSecret(c.root)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, client.Unwrap, e); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again := keys.NewEntry(1)
	first, err := client.Wrap(t.Context(), key, again)
	if err != nil {
		t.Fatal(err)
	}
	again.Epoch = 2
	second, err := client.Wrap(t.Context(), key, again)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, client.Unwrap, first, second); err == nil || !strings.Contains(err.Error(), "new epoch needs a new key") {
		t.Errorf("one root for two epochs: %v", err)
	}
}

// shows fails when an error holds a part of a secret, in any form it may be printed in.
func shows(t *testing.T, err error, secrets ...keys.Secret) {
	t.Helper()
	for _, s := range secrets {
		b := s.Bytes()
		for _, form := range []string{string(b[:8]), hex.EncodeToString(b)[:12], base64.StdEncoding.EncodeToString(b)[:12], fmt.Sprintf("%d", b)[1:20]} {
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, form) {
				t.Errorf("the error shows key material: %s", text)
			}
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"AccessDeniedException":       "allow this identity kms:Decrypt",
		"NotFoundException":           "check the region",
		"InvalidCiphertextException":  "restore the line",
		"DisabledException":           "enable it",
		"KMSInvalidStateException":    "waits for its deletion",
		"ExpiredTokenException":       "renew them",
		"UnrecognizedClientException": "AWS_PROFILE",
		"InvalidSignatureException":   "region (eu-central-1)",
		"SomethingNew":                "KMS answers SomethingNew",
		"a text, not a code":          "KMS answers an unnamed error",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			server, client, key := setup(t)
			plain := keys.NewEntry(1)
			e, err := client.Wrap(t.Context(), key, plain)
			if err != nil {
				t.Fatal(err)
			}
			server.Refuse("Decrypt", code)
			_, err = open(t, client.Unwrap, e)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "aws kms Decrypt") || strings.Contains(err.Error(), "text of the server") {
				t.Fatalf("error %v, want one with %q", err, want)
			}
			if errors.Is(err, awskms.ErrDenied) != (code == "AccessDeniedException") {
				t.Errorf("%v: is it a denial?", err)
			}
			if n := server.Calls("Decrypt"); n != 1 {
				t.Errorf("%d calls for what does not mend", n)
			}
			shows(t, err, plain.Root, e.Root)
			server.Refuse("Decrypt", "")
			if _, err := open(t, client.Unwrap, e); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestThrottlingIsRetriedAndEnds(t *testing.T) {
	t.Parallel()
	server, client, key := setup(t)
	e, err := client.Generate(t.Context(), key, 1)
	if err != nil {
		t.Fatal(err)
	}
	server.Refuse("Decrypt", "ThrottlingException")
	if _, err := client.Unwrap(t.Context(), e); err == nil || !strings.Contains(err.Error(), "throttling") || server.Calls("Decrypt") < 2 {
		t.Errorf("%d calls: %v", server.Calls("Decrypt"), err)
	}
}

func TestWrongNamesAndRegions(t *testing.T) {
	t.Parallel()
	server, client, key := setup(t)
	elsewhere := awskms.New(awskms.Options{Endpoint: server.URL, Region: "us-east-1"})
	e, err := client.Generate(t.Context(), key, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		call func() error
		want string
	}{
		"no key":            {func() error { _, err := client.Generate(t.Context(), "", 1); return err }, "name it by its id"},
		"a key that is not": {func() error { _, err := client.Generate(t.Context(), "alias/none", 1); return err }, "there is no such key in region eu-central-1"},
		"an ARN elsewhere":  {func() error { _, err := elsewhere.Generate(t.Context(), kmstest.ARN(key), 1); return err }, "the key is in region eu-central-1, and this one is us-east-1"},
		"wrap elsewhere":    {func() error { _, err := elsewhere.Wrap(t.Context(), kmstest.ARN(key), keys.NewEntry(1)); return err }, "use the key's region"},
		"another region":    {func() error { _, err := elsewhere.Unwrap(t.Context(), e); return err }, "us-east-1"},
		"plain to unwrap":   {func() error { _, err := client.Unwrap(t.Context(), keys.NewEntry(1)); return err }, "is not wrapped"},
		"wrapped to wrap":   {func() error { _, err := client.Wrap(t.Context(), key, e); return err }, "wrapped already"},
		"endpoint, no address": {func() error {
			_, err := awskms.New(awskms.Options{Endpoint: "kms:1"}).Unwrap(t.Context(), e)
			return err
		}, "endpoint: want"},
	} {
		if err := c.call(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	server.DestroyKey(key)
	if _, err := client.Unwrap(t.Context(), e); !errors.Is(err, awskms.ErrDenied) {
		t.Errorf("a key that was destroyed: %v", err)
	}
}

// Whatever the other side is, the end is near and the error says where it was looked for.
func TestEndpointsThatAreNone(t *testing.T) {
	t.Parallel()
	var listen net.ListenConfig
	silent, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	down, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	secret := keys.NewEntry(1).Root
	text := base64.StdEncoding.EncodeToString(secret.Bytes())
	answers := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	short := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500") // and the connection ends before
		_, _ = w.Write([]byte(`{"KeyId":"k","Plaintext":"` + text + `"}`))
	}))
	t.Cleanup(short.Close)
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	for name, c := range map[string]struct{ url, want string }{
		"down":             {"http://" + down.Addr().String(), "refused"},
		"silent":           {"http://" + silent.Addr().String(), "no answer in time"},
		"no such host":     {"http://kms.invalid", "cannot reach KMS"},
		"a web page":       {answers(200, "<html>login</html>"), "not one of KMS"},
		"a proxy's no":     {answers(403, "<html>forbidden</html>"), "KMS"},
		"a broken answer":  {answers(200, `{"KeyId":"k","Plaintext":"`+text), "not one of KMS"},
		"no base64":        {answers(200, `{"KeyId":"k","Plaintext":"`+text[:20]+`!"}`), "not one of KMS"},
		"another type":     {answers(200, `{"KeyId":"k","Plaintext":["`+text+`"]}`), "not one of KMS"},
		"key in the error": {answers(400, `{"__type":"`+text+`","message":"`+text+`"}`), "KMS answers an unnamed error"},
		"cut short":        {short.URL, "not one of KMS"},
		"own authority":    {tls.URL, "AWS_CA_BUNDLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := awskms.New(awskms.Options{Endpoint: c.url, Timeout: 3 * time.Second})
			start := time.Now()
			_, err := client.Unwrap(t.Context(), keys.Entry{Epoch: 1, Scheme: keys.AWSKMS, Root: keys.NewSecret([]byte("a blob that is none"))})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if took := time.Since(start); took > 8*time.Second { // and not the timeout three times
				t.Errorf("it took %v", took)
			}
			shows(t, err, secret)
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cancel(stopped)
	client := awskms.New(awskms.Options{Endpoint: "http://" + silent.Addr().String()})
	if _, err := client.Generate(ctx, "key", 1); !errors.Is(err, stopped) {
		t.Errorf("stopped: %v", err)
	}
}
