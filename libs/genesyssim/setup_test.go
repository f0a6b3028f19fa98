package genesyssim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/genesyssim"
)

const jobs = "/api/v2/analytics/conversations/details/jobs"

// from is when the conversations of the tests begin.
var from = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a simulation behind a real server, and a client with a token.
type bench struct {
	*testing.T
	*clock
	sim    *genesyssim.Sim
	store  *memblob.Store
	url    string
	host   string // Host header, "" for the server's own
	token  string
	client *http.Client
}

// setup makes one that has run for a week.
func setup(t *testing.T, configs ...func(*genesyssim.Config)) *bench {
	t.Helper()
	b := &bench{T: t, clock: &clock{now: from.AddDate(0, 0, 7)}, store: memblob.New("raw", "masked")}
	c := genesyssim.Config{Seed: 7, Now: b.Now, From: from, Every: 10 * time.Minute, Store: b.store}
	for _, change := range configs {
		change(&c)
	}
	var err error
	if b.sim, err = genesyssim.New(c); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.sim)
	t.Cleanup(server.Close)
	b.url = server.URL
	b.client = server.Client()
	b.client.Transport.(*http.Transport).DisableCompression = true
	b.token = b.mint()
	return b
}

// mint gets a token.
func (b *bench) mint() string {
	b.Helper()
	status, _, body := b.login("maskrail", "simulated-secret", "client_credentials")
	var out struct {
		Token string `json:"access_token"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &out) != nil {
		b.Fatalf("token: %d %s", status, body)
	}
	return out.Token
}

func (b *bench) login(id, secret, grant string) (status int, header http.Header, body []byte) {
	b.Helper()
	form := url.Values{"grant_type": {grant}}.Encode()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+"/oauth/token", strings.NewReader(form))
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth(id, secret)
	r.Host = strings.Replace(b.host, "api.", "login.", 1)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, header, body, err = b.send(r)
	if err != nil {
		b.Fatal(err)
	}
	return status, header, body
}

func (b *bench) send(r *http.Request) (status int, header http.Header, body []byte, err error) {
	resp, err := b.client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, body, err
}

// try sends a request with the token; body is marshalled unless it is nil.
func (b *bench) try(method, path string, body any) (status int, header http.Header, answer []byte, err error) {
	b.Helper()
	var content string
	if body != nil {
		bytes, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		content = string(bytes)
	}
	r, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(content))
	if err != nil {
		b.Fatal(err)
	}
	r.Host = b.host
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.send(r)
}

// call is try that must reach the server and get this status.
func (b *bench) call(want int, method, path string, body any) []byte {
	b.Helper()
	status, _, answer, err := b.try(method, path, body)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	if status != want {
		b.Fatalf("%s %s: %d and not %d: %.300s", method, path, status, want, answer)
	}
	return answer
}

// read decodes a reply.
func read[T any](t testing.TB, body []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %.300s", err, body)
	}
	return v
}

// job makes a details job over an interval, waits for its end and returns its id.
func (b *bench) job(more map[string]any, from, to time.Time) string {
	b.Helper()
	body := map[string]any{"interval": from.Format(time.RFC3339Nano) + "/" + to.Format(time.RFC3339Nano)}
	for k, v := range more {
		body[k] = v
	}
	id := read[struct{ JobID string }](b, b.call(http.StatusAccepted, http.MethodPost, jobs, body)).JobID
	b.Forward(3 * time.Second)
	return id
}

// page is a page of results.
type page struct {
	Conversations []struct {
		ID           string    `json:"conversationId"`
		Start        time.Time `json:"conversationStart"`
		Participants []struct {
			Attributes map[string]any `json:"attributes"`
		} `json:"participants"`
	} `json:"conversations"`
	Cursor    string    `json:"cursor"`
	Available time.Time `json:"dataAvailabilityDate"`
}

// results are the ids on all pages of a job.
func (b *bench) results(job, size string) (ids []string) {
	b.Helper()
	for cursor := ""; ; {
		p := read[page](b, b.call(http.StatusOK, http.MethodGet, jobs+"/"+job+"/results?pageSize="+size+"&cursor="+cursor, nil))
		for _, c := range p.Conversations {
			ids = append(ids, c.ID)
		}
		if cursor = p.Cursor; cursor == "" {
			return ids
		}
	}
}
