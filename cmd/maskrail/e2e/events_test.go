package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/queue/sqs/sqstest"
	"github.com/maskrail/maskrail/libs/s3event/s3eventtest"
)

const (
	eventObjects = 500
	hookSecret   = "a-secret-that-senders-share"
)

// lane is how the notifications of some objects come: in the words of one server, by a way that this server can take.
type lane struct {
	name string
	body func(s3eventtest.Told) []byte
	send func(body []byte) error
}

// delivery is one notification on its way.
type delivery struct {
	lane lane
	told s3eventtest.Told
}

// Of all notifications 10 % are lost, and the others come up to five times, in any order, in every dialect and by every
// way that speaks it. What was told of is loaded because of that: the gateway is silent and no sweep comes. What was not
// told of is loaded after the sweep, and nothing twice.
func TestEventsLostRepeatedAndOutOfOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, write(t, "policy.yaml", smallPolicy), func(g *stack.GatewayConfig) { g.NATSURL = "" })
	queues := sqstest.New()
	queues.Listen(t)
	queues.Misbehave(sqstest.Faults{Again: 0.1, Partial: 0.1})
	queue := queues.CreateQueue("events", sqstest.Attributes{})
	c.configureArrivals(t, queue, "1h")
	_, ends := c.watch(t)
	c.start(t)
	c.workers["exporter"].alive(t)
	c.swept(t)

	lanes := c.lanes(t, queues, queue)
	random := rand.New(rand.NewPCG(7, 11))
	files, told, lost, now, late := c.drop(t, lanes, random)
	deliver(t, now)
	if loaded := c.settle(t, told, ends); loaded != int64(2*len(told)) {
		t.Errorf("%d rows were loaded of what was told of, want %d", loaded, 2*len(told))
	}
	if n := len(c.announced(t)); n != len(told) {
		t.Errorf("%d objects were announced while no sweep came, want the %d of the notifications", n, len(told))
	}

	c.workers["exporter"].stop(t)
	c.configureArrivals(t, queue, "1s")
	c.workers["exporter"].start(t)
	c.workers["exporter"].alive(t)
	deliver(t, late)
	if loaded := c.settle(t, lost, ends); loaded != int64(2*len(lost)) {
		t.Errorf("%d rows were loaded of what the sweep found, want %d", loaded, 2*len(lost))
	}
	for end := time.Now().Add(limit); len(queues.Bodies(queue)) > 0 && time.Now().Before(end); after(t, 50*time.Millisecond) {
	}
	if n := len(queues.Bodies(queue)); n != 0 {
		t.Errorf("%d messages are left in the queue", n)
	}
	c.stop(t)
	if got, want := one(t, c.sandbox(), "SELECT count(*) || '/' || count(DISTINCT interactionId) FROM interaction"), fmt.Sprintf("%d/%d", 2*len(files), 2*len(files)); got != want {
		t.Errorf("rows in the sandbox: %s, want %s", got, want)
	}
	c.checkLedger(t, files, int64(2*len(files)))
	c.checkNoKeys(t, files)
}

// configureArrivals configures the exporter with a queue and a webhook.
func (c *cluster) configureArrivals(t *testing.T, queue, sweep string) {
	t.Helper()
	key, hook := filepath.Join(c.dir, "sqs.key"), filepath.Join(c.dir, "hook.secret")
	for path, content := range map[string]string{key: sqstest.SecretKey, hook: hookSecret} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.configure(t, "exporter", `environments: [%s]
sweep: %s
arrivals:
  sqs: [{queueUrl: %s, region: %s, accessKey: %s, secretKeyFile: %s}]
  webhook: {secretFile: %s}
`, environment, sweep, queue, sqstest.Region, sqstest.AccessKey, key, hook)
}

// swept waits for the end of the sweep at the start, after which none comes for an hour.
func (c *cluster) swept(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); after(t, 20*time.Millisecond) {
		code, body := get(t, "http://"+c.workers["exporter"].address+"/metrics")
		if code == http.StatusOK && strings.Contains(body, "maskrail_sweep_duration_seconds_count") {
			return
		}
	}
	t.Fatalf("no sweep at the start: %s", c.workers["exporter"].tail())
}

// lanes are all pairs of a dialect and a way by which it comes.
func (c *cluster) lanes(t *testing.T, queues *sqstest.Server, queue string) (all []lane) {
	byQueue := func(body []byte) error { queues.Send(queue, string(body)); return nil }
	byHook := func(body []byte) error {
		// The address is another after a restart.
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+c.workers["exporter"].address+"/events", bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+hookSecret)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("the webhook answers %s", res.Status)
		}
		return nil
	}
	byBus := func(body []byte) error { // as a server of objects does, without a message id
		return c.bus.Publish(t.Context(), bus.Message{Subject: stack.GatewayTopic, Data: body})
	}
	for _, w := range s3eventtest.Writers() {
		switch w.Dialect {
		case "aws", "eventbridge":
			all = append(all, lane{w.Name + " by queue", w.Body, byQueue})
		default:
			all = append(all, lane{w.Name + " by webhook", w.Body, byHook}, lane{w.Name + " by bus", w.Body, byBus})
		}
	}
	return all
}

// drop puts the objects, with keys that a wrong decoding changes, and makes their notifications, among others that tell
// of nothing. What comes late repeats what comes now.
func (c *cluster) drop(t *testing.T, lanes []lane, random *rand.Rand) (files, told, lost []dropped, now, late []delivery) {
	t.Helper()
	raw := c.common.Buckets.Raw
	for i := range eventObjects {
		f := dropped{key: fmt.Sprintf("interaction/tenant=acme/part+%03d 100%%25 ü%%2B.csv", i), rows: 2}
		content := fmt.Sprintf("interactionId,tenant_id,durationMs,phoneNumber,notes\ni-%d-a,acme,1200,+14155550142,fine\ni-%d-b,globex,900,,\"\"\n", i, i)
		o, err := c.store.Put(t.Context(), blob.Location{Bucket: raw, Key: f.key}, strings.NewReader(content), int64(len(content)), blob.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		f.object = objref.From(o)
		files = append(files, f)
		if i/len(lanes)%10 == 9 { // a tenth of each lane
			lost = append(lost, f)
			continue
		}
		told = append(told, f)
		d := delivery{lanes[i%len(lanes)], s3eventtest.Told{Bucket: raw, Key: f.key, ETag: o.ETag, Bytes: int64(len(content)), Time: time.Now()}}
		now = append(now, d)
		for range random.IntN(5) {
			if random.IntN(5) == 0 {
				late = append(late, d)
			} else {
				now = append(now, d)
			}
		}
	}
	for i, l := range lanes {
		for _, nothing := range []s3eventtest.Told{
			{Bucket: raw, Key: fmt.Sprintf("interaction/gone-%d.csv", i), ETag: "0", Bytes: 1},
			{Bucket: raw, Key: files[i].key, Removed: true},
			{Bucket: "another-bucket", Key: files[i].key, ETag: "0", Bytes: 1},
			{Bucket: raw, Key: "_runs/x.json", ETag: "0", Bytes: 1},
		} {
			now, late = append(now, delivery{l, nothing}), append(late, delivery{l, nothing})
		}
	}
	for _, all := range [][]delivery{now, late} {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return files, told, lost, now, late
}

// deliver sends with several senders at a time.
func deliver(t *testing.T, deliveries []delivery) {
	t.Helper()
	next := make(chan delivery)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for d := range next {
				if err := d.lane.send(d.lane.body(d.told)); err != nil {
					t.Errorf("%s: %v", d.lane.name, err)
				}
			}
		})
	}
	for _, d := range deliveries {
		next <- d
	}
	close(next)
	senders.Wait()
}

// announced are the identities of the objects in the stream RAW.
func (c *cluster) announced(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := c.bus.Read(t.Context(), bus.Query{Stream: bus.Raw}, func(m bus.Message) error {
		ref, _, err := objref.Decode(m)
		all[ref.Object.Identity()] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkNoKeys looks for keys of raw objects in the logs.
func (c *cluster) checkNoKeys(t *testing.T, files []dropped) {
	t.Helper()
	for _, name := range services {
		log, err := os.ReadFile(c.workers[name].log)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"tenant=acme", "part+", "100%25", hookSecret, sqstest.SecretKey} {
			if bytes.Contains(log, []byte(part)) {
				t.Errorf("the log of the %s shows %q", name, part)
			}
		}
	}
}
