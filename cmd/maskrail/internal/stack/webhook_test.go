package stack

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/s3event"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
)

// TestGatewayWebhook: the server's own webhook reaches the exporter's, with the shared secret as the password of its URL.
func TestGatewayWebhook(t *testing.T) {
	t.Parallel()
	const secret = "a-secret-of-the-test"
	events := membus.New(bus.Streams(bus.Horizon))
	x := exporter.Default()
	x.Environments, x.Arrivals.Webhook.Secret = []string{"sandbox"}, keys.NewSecret([]byte(secret))
	s, err := exporter.New(x, app.Deps{Bus: events, Store: memblob.New(x.Buckets.Raw), Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, h := range s.Handlers() {
		mux.Handle(pattern, h)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	c := gatewayConfig(t.TempDir())
	c.webhook = strings.Replace(server.URL, "http://", "http://gateway:"+secret+"@", 1) + "/events"
	g := runGateway(t, c)
	store := connect(t, g, c, 0)
	if err := store.EnsureBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	const key = "interaction/a b+c%d ü.csv"
	if _, err := store.Put(t.Context(), blob.Location{Bucket: "bucket", Key: key}, strings.NewReader("x"), 1, blob.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	arrived := errors.New("arrived")
	err = events.Read(ctx, bus.Query{Stream: bus.S3Events, Follow: true}, func(m bus.Message) error {
		found, err := s3event.Parse(m.Data)
		if err != nil {
			return err
		}
		for _, e := range found {
			if e.Kind == s3event.Created && e.Key == key && e.Dialect == "versitygw" {
				return arrived
			}
		}
		return nil
	})
	if !errors.Is(err, arrived) {
		t.Errorf("no event of the put: %v", err)
	}
}
