package quota_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// provider is a server without a network that enforces a limit on what arrives, in the time of the test.
type provider struct {
	limit int
	per   time.Duration
	fixed bool // spans begin at whole multiples of per, instead of anywhere
	genes bool // says so in the inin dialect
	mute  bool // has no headers
	// jitter is the most that a request takes on its way here, work the most that its answer takes, which is at least half
	// of it.
	jitter, work time.Duration
	// answer, when set, has the word on the n-th arrival, counted from 1; nil lets the limit decide.
	answer func(n int) *http.Response

	mu       sync.Mutex
	arrivals []time.Time // of all requests
	taken    []time.Time // of the current span
	refused  []time.Time
}

func (p *provider) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.jitter > 0 {
		time.Sleep(rand.N(p.jitter))
	}
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	resp := p.arrive()
	if p.work > 0 {
		time.Sleep(p.work/2 + rand.N(p.work)/2)
	}
	return resp, nil
}

func (p *provider) arrive() *http.Response {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.arrivals = append(p.arrivals, now)
	if p.answer != nil {
		if resp := p.answer(len(p.arrivals)); resp != nil {
			if resp.StatusCode == http.StatusTooManyRequests {
				p.refused = append(p.refused, now)
			}
			return resp
		}
	}
	p.expire(now)
	status := http.StatusOK
	if len(p.taken) >= p.limit {
		status = http.StatusTooManyRequests
		p.refused = append(p.refused, now)
	} else {
		p.taken = append(p.taken, now)
	}
	resp := reply(status, "")
	reset := p.per
	if len(p.taken) > 0 {
		reset = p.taken[0].Add(p.per).Sub(now)
	}
	seconds := strconv.Itoa(int((reset + time.Second - 1) / time.Second))
	if status != http.StatusOK {
		resp.Header.Set("Retry-After", seconds)
	}
	switch {
	case p.mute:
	case p.genes:
		resp.Header.Set("inin-ratelimit-allowed", strconv.Itoa(p.limit))
		resp.Header.Set("inin-ratelimit-count", strconv.Itoa(len(p.taken)))
		resp.Header.Set("inin-ratelimit-reset", seconds)
	default:
		resp.Header.Set("X-RateLimit-Limit", strconv.Itoa(p.limit))
		resp.Header.Set("X-RateLimit-Remaining", strconv.Itoa(p.limit-len(p.taken)))
		resp.Header.Set("X-RateLimit-Reset", seconds)
	}
	return resp
}

// expire forgets what does not count any more.
func (p *provider) expire(now time.Time) {
	from := now.Add(-p.per)
	if p.fixed {
		from = now.Truncate(p.per).Add(-1)
	}
	for len(p.taken) > 0 && !p.taken[0].After(from) {
		p.taken = p.taken[1:]
	}
}

// use takes n of the limit for somebody else.
func (p *provider) use(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.expire(now)
	for range min(n, p.limit-len(p.taken)) {
		p.taken = append(p.taken, now)
	}
}

func reply(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// fan sends n requests of each of the workers at once and returns how long all took.
func fan(client http.RoundTripper, workers, n int) (time.Duration, error) {
	start := time.Now()
	var group sync.WaitGroup
	var once sync.Once
	var failure error
	for range workers {
		group.Go(func() {
			for range n {
				req, _ := http.NewRequest(http.MethodPost, "http://provider/", strings.NewReader("x"))
				resp, err := client.RoundTrip(req)
				if err != nil {
					once.Do(func() { failure = err })
					return
				}
				_ = resp.Body.Close()
			}
		})
	}
	group.Wait()
	return time.Since(start), failure
}

func budget(l quota.Limit) *quota.Budget {
	b, err := quota.New(l)
	if err != nil {
		panic(err)
	}
	return b
}
