package exporter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue/sqs/sqstest"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
)

const amazonQueue = "https://sqs.eu-central-1.amazonaws.com/111122223333/maskrail"

func TestArrivalsConfig(t *testing.T) {
	t.Parallel()
	queue := func(q exporter.SQS) exporter.Arrivals { return exporter.Arrivals{SQS: []exporter.SQS{q}} }
	webhook := func(w exporter.Webhook) exporter.Arrivals { return exporter.Arrivals{Webhook: w} }
	secret := keys.NewSecret([]byte("hush-hush-hush-hush"))
	tests := []struct {
		name     string
		arrivals exporter.Arrivals
		want     string // part of the error; "" means none
	}{
		{"none", exporter.Arrivals{}, ""},
		{"a queue", queue(exporter.SQS{QueueURL: amazonQueue}), ""},
		{"a queue with keys", queue(exporter.SQS{QueueURL: amazonQueue, AccessKey: "a", SecretKeyFile: "f"}), ""},
		{"a webhook", webhook(exporter.Webhook{Secret: secret}), ""},
		{"a queue without a URL", queue(exporter.SQS{}), "arrivals.sqs[0].queueUrl: want the full URL"},
		{"two things wrong", queue(exporter.SQS{QueueURL: "q", Endpoint: "e"}), "arrivals.sqs[0].endpoint: want a URL"},
		{"half a key pair", queue(exporter.SQS{QueueURL: amazonQueue, AccessKey: "a"}), "arrivals.sqs[0]: accessKey and secretKeyFile"},
		{"a queue twice", exporter.Arrivals{SQS: []exporter.SQS{{QueueURL: amazonQueue}, {QueueURL: amazonQueue}}}, "arrivals.sqs[1].queueUrl: is that of sqs[0]"},
		{"a short secret", webhook(exporter.Webhook{Secret: keys.NewSecret([]byte("hush"))}), "MASKRAIL_ARRIVALS_WEBHOOK_SECRET: want a secret of at least 16"},
		{"a secret with a space", webhook(exporter.Webhook{Secret: keys.NewSecret([]byte("hush hush hush hush"))}), "visible ASCII"},
		{"two secrets", webhook(exporter.Webhook{Secret: secret, SecretFile: "f"}), "arrivals.webhook.secretFile: the secret is given twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := exporter.Default()
			c.Environments, c.Arrivals = []string{"sandbox"}, tt.arrivals
			err := c.Validate()
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// The environment is the process's, so this test does not run in parallel.
func TestArrivalsOfFileAndEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "exporter.yaml")
	text := "environments: [sandbox]\narrivals:\n  sqs:\n    - queueUrl: " + amazonQueue + "\n      region: eu-central-1\n  webhook: {secretFile: s}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exporter.Default()
	if err := app.Load(path, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Arrivals.SQS) != 1 || c.Arrivals.SQS[0].Region != "eu-central-1" || c.Arrivals.Webhook.SecretFile != "s" {
		t.Errorf("file: %+v", c.Arrivals)
	}
	t.Setenv("MASKRAIL_ENVIRONMENTS", "sandbox")
	t.Setenv("MASKRAIL_ARRIVALS_SQS_0_QUEUE_URL", amazonQueue)
	t.Setenv("MASKRAIL_ARRIVALS_SQS_1_QUEUE_URL", amazonQueue+"-2")
	t.Setenv("MASKRAIL_ARRIVALS_WEBHOOK_SECRET", "hush-hush-hush-hush")
	c = exporter.Default()
	if err := app.Load("", &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Arrivals.SQS) != 2 || c.Arrivals.SQS[1].QueueURL != amazonQueue+"-2" || c.Arrivals.Webhook.Secret.IsZero() {
		t.Errorf("environment: %+v", c.Arrivals)
	}
	if strings.Contains(fmt.Sprintf("%+v", c), "hush") {
		t.Error("the configuration shows the secret")
	}
	text = strings.Replace(text, "secretFile: s", "secret: hush-hush-hush-hush", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := app.Load(path, &c); err == nil || !strings.Contains(err.Error(), "a secret does not belong") {
		t.Errorf("a secret in the file: %v", err)
	}
}

// newService makes an exporter with these arrivals, and no more.
func newService(t *testing.T, a exporter.Arrivals) (*exporter.Service, *membus.Bus, error) {
	t.Helper()
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: exporter.Name, Logs: logs{t}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := exporter.Default()
	c.Environments, c.Arrivals = []string{"sandbox"}, a
	b := membus.New(bus.Streams(bus.Horizon))
	s, err := exporter.New(c, app.Deps{Bus: b, Store: memblob.New(raw), Telemetry: tel})
	return s, b, err
}

func secretFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	without, _, err := newService(t, exporter.Arrivals{})
	if err != nil || without.Handlers()["POST /events"] != nil || len(without.Checks()) != 0 {
		t.Errorf("without arrivals: %v, %v", without.Handlers(), err)
	}
	s, b, err := newService(t, exporter.Arrivals{Webhook: exporter.Webhook{SecretFile: secretFile(t, "hush-hush-hush-hush\n", 0o600)}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(`{"Event":"s3:TestEvent"}`))
	r.Header.Set("Authorization", "Bearer hush-hush-hush-hush")
	w := httptest.NewRecorder()
	s.Handlers()["POST /events"].ServeHTTP(w, r)
	var arrived []string
	err = b.Read(t.Context(), bus.Query{Stream: bus.S3Events}, func(m bus.Message) error {
		arrived = append(arrived, m.Subject)
		return nil
	})
	if err != nil || w.Code != http.StatusOK || len(arrived) != 1 || arrived[0] != "maskrail.s3.webhook" {
		t.Errorf("%d %s; arrived on %v, %v", w.Code, w.Body, arrived, err)
	}
}

func TestChecksOfQueues(t *testing.T) {
	t.Parallel()
	server := sqstest.New()
	server.Listen(t)
	url := server.CreateQueue("events", sqstest.Attributes{})
	key := exporter.SQS{QueueURL: url, Region: sqstest.Region, AccessKey: sqstest.AccessKey, SecretKeyFile: secretFile(t, sqstest.SecretKey, 0o600)}
	other := key
	other.QueueURL += "-x"
	s, _, err := newService(t, exporter.Arrivals{SQS: []exporter.SQS{key, other}})
	if err != nil {
		t.Fatal(err)
	}
	checks := s.Checks()
	if len(checks) != 2 || checks[0].Name != "sqs[0]" {
		t.Fatalf("checks %v", checks)
	}
	if err := checks[0].Run(t.Context()); err != nil {
		t.Error(err)
	}
	if err := checks[1].Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such queue") {
		t.Errorf("a queue that is not there: %v", err)
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		arrivals exporter.Arrivals
		want     string
	}{
		{"open file", exporter.Arrivals{Webhook: exporter.Webhook{SecretFile: secretFile(t, "hush-hush-hush-hush", 0o644)}}, "chmod 600"},
		{"no file", exporter.Arrivals{Webhook: exporter.Webhook{SecretFile: "none"}}, "arrivals.webhook.secretFile"},
		{"empty file", exporter.Arrivals{Webhook: exporter.Webhook{SecretFile: secretFile(t, "\n", 0o600)}}, "is empty"},
		{"short secret", exporter.Arrivals{Webhook: exporter.Webhook{SecretFile: secretFile(t, "hush", 0o600)}}, "at least 16"},
		{"no key of a queue", exporter.Arrivals{SQS: []exporter.SQS{{QueueURL: amazonQueue, AccessKey: "a", SecretKeyFile: "none"}}}, "arrivals.sqs[0].secretKeyFile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := newService(t, tt.arrivals); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

var shown = regexp.MustCompile("(?s)```(yaml|json)\n(.*?)```")

// TestDocumentedConfiguration loads what the page on events shows.
func TestDocumentedConfiguration(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := shown.FindAllSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of YAML and JSON on the page, want 3", len(blocks))
	}
	for _, b := range blocks {
		if string(b[1]) == "json" {
			if !json.Valid(b[2]) {
				t.Errorf("no JSON: %s", b[2])
			}
			continue
		}
		path := filepath.Join(t.TempDir(), "exporter.yaml")
		if err := os.WriteFile(path, b[2], 0o600); err != nil {
			t.Fatal(err)
		}
		c := exporter.Default()
		if err := app.Load(path, &c); err != nil {
			t.Error(err)
		}
		if len(c.Arrivals.SQS) != 1 || c.Arrivals.Webhook.SecretFile == "" {
			t.Errorf("the page shows %+v", c.Arrivals)
		}
	}
}
