package arrival_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
	"github.com/maskrail/maskrail/services/exporter/internal/arrival"
)

const secret = "a-secret-of-the-test"

func post(b *bench, header, value string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/events", body)
	if header != "" {
		r.Header.Set(header, value)
	}
	w := httptest.NewRecorder()
	arrival.NewHook(b.way(arrival.Webhook), keys.NewSecret([]byte(secret))).ServeHTTP(w, r)
	if w.Header().Get("Content-Type") != "application/json" || strings.Contains(w.Body.String(), canary) || strings.Contains(w.Body.String(), secret) {
		b.t.Errorf("answer %s: %s", w.Header(), w.Body)
	}
	return w
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	good := func() io.Reader { return bytes.NewReader(notification("a")) }
	tests := []struct {
		name, header, value string
		body                io.Reader
		status              int
		says                string
		arrives             int
	}{
		{"bearer", "Authorization", "Bearer " + secret, good(), 200, `"events":1`, 1},
		{"bearer in small letters", "Authorization", "bearer " + secret, good(), 200, `"events":1`, 1},
		{"password", "Authorization", basic("anyone", secret), good(), 200, `"events":1`, 1},
		{"key", "X-Api-Key", secret, good(), 200, `"events":1`, 1},
		{"test event", "X-Api-Key", secret, strings.NewReader(`{"Service":"S3","Event":"s3:TestEvent","Time":"2026-01-02T03:04:05Z","Bucket":"Test-Bucket"}`), 200, `"events":0`, 1},
		{"nobody knows it", "X-Api-Key", secret, strings.NewReader(`{"what":"` + canary + `"}`), 202, "dead letter", 1},
		{"no secret", "", "", good(), 401, "Authorization: Bearer", 0},
		{"another secret", "Authorization", "Bearer " + secret + "x", good(), 401, "wrong", 0},
		{"the beginning of it", "Authorization", "Bearer " + secret[:8], good(), 401, "wrong", 0},
		{"as a user", "Authorization", basic(secret, ""), good(), 401, "wrong", 0},
		{"no scheme", "Authorization", secret, good(), 401, "wrong", 0},
		{"empty", "X-Api-Key", secret, http.NoBody, 400, "empty", 0},
		{"too long", "X-Api-Key", secret, strings.NewReader(strings.Repeat("x", arrival.MaxBytes+1)), 413, "262144", 0},
		{"as long as can be", "X-Api-Key", secret, strings.NewReader(strings.Repeat("x", arrival.MaxBytes)), 202, "dead letter", 1},
		{"cut off", "X-Api-Key", secret, iotest.ErrReader(errors.New("gone")), 400, "end", 0},
		{"too long and no secret", "", "", strings.NewReader(strings.Repeat("x", arrival.MaxBytes+1)), 401, "secret", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			defer b.close()
			w := post(b, tt.header, tt.value, tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, tt.status, tt.says)
			}
			if (w.Header().Get("WWW-Authenticate") != "") != (tt.status == 401) {
				t.Errorf("WWW-Authenticate is %q", w.Header().Get("WWW-Authenticate"))
			}
			if got := b.arrived(); len(got) != tt.arrives {
				t.Errorf("%d notifications arrived, want %d", len(got), tt.arrives)
			}
		})
	}
}

// TestWebhookWhileTheBusIsAway: the sender is told to send again, in time, and never that all is well.
func TestWebhookWhileTheBusIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.close()
		b.bus.away.Store(true)
		start := time.Now()
		w := post(b, "X-Api-Key", secret, bytes.NewReader(notification("a")))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "send it again") {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		if took := time.Since(start); took >= 5*time.Second {
			t.Errorf("the answer took %v: a server that stops waits 5 s", took)
		}
		b.bus.away.Store(false)
		if w := post(b, "X-Api-Key", secret, bytes.NewReader(notification("a"))); w.Code != http.StatusOK || len(b.arrived()) != 1 {
			t.Errorf("afterwards: %d, %d arrived", w.Code, len(b.arrived()))
		}
	})
}

// TestOneNotificationByAllWays is stored once, and different ones are not taken for one.
func TestOneNotificationByAllWays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	defer b.close()
	for range 3 {
		for _, w := range s3eventtest.Writers() {
			post(b, "X-Api-Key", secret, bytes.NewReader(w.Body(s3eventtest.Told{Bucket: "b", Key: "k"})))
		}
	}
	if n, want := len(b.arrived()), len(s3eventtest.Writers()); n != want {
		t.Errorf("%d notifications are stored, want %d", n, want)
	}
}
