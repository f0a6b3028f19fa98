package jetstream

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config Config
		want   string
	}{
		"good":           {Config{URL: "nats://127.0.0.1:4222", Replicas: 3}, ""},
		"no address":     {Config{}, "URL is missing"},
		"two identities": {Config{URL: "x", Credentials: "a", NKey: "b"}, "not both"},
		"too many":       {Config{URL: "x", Replicas: 6}, "6 replicas"},
		"fewer than one": {Config{URL: "x", Replicas: -1}, "-1 replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.config.Validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestShownHidesPasswords(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"nats://127.0.0.1:4222":                      "nats://127.0.0.1:4222",
		"nats://user:secret@a:4222, tls://b:4222":    "nats://a:4222,tls://b:4222",
		"nats://secret-token@a:4222":                 "nats://a:4222",
		"nats://user:sec ret@a:4222,nats://%zz:4222": "(not a URL),(not a URL)",
	} {
		if got := shown(url); got != want {
			t.Errorf("%q is shown as %q, want %q", url, got, want)
		}
	}
}
