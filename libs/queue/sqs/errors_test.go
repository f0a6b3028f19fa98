package sqs_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue"
	"github.com/maskrail/maskrail/libs/queue/sqs"
	"github.com/maskrail/maskrail/libs/queue/sqs/sqstest"
)

// TestMain makes the AWS chain that of the test server, for all tests: the environment is the process's.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AWS_REGION": sqstest.Region, "AWS_ACCESS_KEY_ID": sqstest.AccessKey, "AWS_SECRET_ACCESS_KEY": sqstest.SecretKey, "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestOverTheNetwork reads a queue on a port, with region and credentials of the AWS chain.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	server := sqstest.New()
	server.Listen(t)
	url := server.CreateQueue("events", sqstest.Attributes{})
	server.Send(url, bodies(25)...)
	q, err := sqs.New(t.Context(), sqs.Config{QueueURL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var seen tally
	_ = q.Consume(ctx, 7, func(_ context.Context, m queue.Message) error {
		seen.note(m)
		seen.mu.Lock()
		defer seen.mu.Unlock()
		if len(seen.times) == 25 {
			cancel()
		}
		return nil
	})
	if left := len(server.Bodies(url)); left != 0 || len(seen.times) != 25 {
		t.Errorf("%d messages were handled, %d are left", len(seen.times), left)
	}
}

func TestErrorsSayWhatHelps(t *testing.T) {
	t.Parallel()
	tests := []struct{ code, want string }{
		{"QueueDoesNotExist", "no such queue in region eu-central-1"},
		{"AWS.SimpleQueueService.NonExistentQueue", "no such queue"},
		{"AccessDeniedException", "allow this identity sqs:GetQueueAttributes"},
		{"AccessDenied", "allow this identity sqs:GetQueueAttributes"},
		{"KMS.AccessDeniedException", "kms:Decrypt"},
		{"InvalidClientTokenId", "does not know these credentials"},
		{"InvalidSignatureException", "this machine's clock"},
		{"SomethingNew", "SQS answers SomethingNew"},
		{"with " + canary, "an unnamed error"},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			server := sqstest.New()
			url := server.CreateQueue("events", sqstest.Attributes{})
			server.Refuse("GetQueueAttributes", tt.code)
			err := check(t, sqs.Config{QueueURL: url, Transport: server.Transport()})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "a text of the server") || strings.Contains(err.Error(), canary) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestWrongServers(t *testing.T) {
	t.Parallel()
	server := sqstest.New()
	url := server.CreateQueue("events", sqstest.Attributes{})
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	tests := []struct {
		name   string
		config sqs.Config
		want   string
	}{
		{"another queue", sqs.Config{QueueURL: url + "x", Transport: server.Transport()}, "no such queue"},
		{"another region", sqs.Config{QueueURL: url, Region: "us-east-1", Transport: server.Transport()}, "region (us-east-1)"},
		{"another key", sqs.Config{QueueURL: url, AccessKey: "AKIAOTHER", SecretKey: keys.NewSecret([]byte("x")), Transport: server.Transport()}, "credentials"},
		{"no SQS", sqs.Config{QueueURL: other.URL + "/1/events"}, "not one of SQS"},
		{"nobody there", sqs.Config{QueueURL: "http://127.0.0.1:1/1/events"}, "cannot reach SQS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := check(t, tt.config); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	if _, err := sqs.New(t.Context(), sqs.Config{QueueURL: "events"}); err == nil || !strings.Contains(err.Error(), "queueUrl") {
		t.Errorf("a queue without a URL: %v", err)
	}
}

func check(t *testing.T, c sqs.Config) error {
	t.Helper()
	q, err := sqs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	return q.Check(t.Context())
}
