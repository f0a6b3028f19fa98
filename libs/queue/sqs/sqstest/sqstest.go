// Package sqstest is an SQS for tests: a server in this process that speaks the JSON protocol of Amazon SQS for standard
// queues, with what makes them hard: visibility timeouts, receipt handles that are only good for the last delivery,
// messages out of order and more than once, batches that fail in part, long polls and redrive policies.
//
// It is written from the API reference and is not Amazon: of a signature it checks the access key and the scope and not
// the digest, and it refuses for other reasons only what Refuse says.
package sqstest

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/internal/awstest"
)

// Region and the credentials that the server knows.
const (
	Region    = awstest.Region
	AccessKey = awstest.AccessKey
	SecretKey = awstest.SecretKey
)

// Server is the SQS.
type Server struct {
	awstest.Frame
	URL string // of the server; nobody listens there before Listen

	mu      sync.Mutex
	queues  map[string]*queue // by name
	faults  Faults
	random  *rand.Rand
	changed chan struct{} // closed when a message may have become visible
}

// Attributes are those of a new queue.
type Attributes struct {
	Visibility  time.Duration // 0 means 30 s
	DeadLetter  string        // the name of another queue, for messages that were delivered MaxReceives times
	MaxReceives int
}

// Faults are the freedoms that a standard queue takes, as probabilities.
type Faults struct {
	Again   float64 // a message is delivered, and stays visible to others
	Ghost   float64 // a message is deleted, and comes again, at most twice
	Partial float64 // an entry of a batch fails, for no fault of the sender
}

// New makes a server that is reached by Transport, also in a bubble of testing/synctest.
func New() *Server {
	return &Server{
		Frame: awstest.Frame{Service: "sqs", Target: "AmazonSQS", Version: "1.0", Stranger: "InvalidClientTokenId"},
		URL:   "http://sqs.invalid", queues: map[string]*queue{},
		random: rand.New(rand.NewPCG(1, 2)), changed: make(chan struct{}),
	}
}

// Listen serves on a port until the test ends.
func (s *Server) Listen(t testing.TB) {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(h.Close)
	s.URL = h.URL
}

// Transport reaches the server without a network.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	t.serve(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	out := w.Result()
	out.Request = r
	return out, nil
}

// CreateQueue makes a queue and returns its URL.
func (s *Server) CreateQueue(name string, a Attributes) string {
	if a.Visibility == 0 {
		a.Visibility = 30 * time.Second
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[name] = &queue{name: name, Attributes: a}
	return s.URL + "/" + awstest.Account + "/" + name
}

// Send puts messages into a queue.
func (s *Server) Send(queueURL string, bodies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range bodies {
		s.queue(queueURL).add(b, time.Now())
	}
	s.wake()
}

// Bodies are those of all messages that are in the queue, visible or not.
func (s *Server) Bodies(queueURL string) (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.queue(queueURL).messages {
		all = append(all, m.body)
	}
	return all
}

// Misbehave makes the server take its freedoms from now on.
func (s *Server) Misbehave(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// queue finds a queue by its URL, nil when there is none.
func (s *Server) queue(url string) *queue {
	return s.queues[url[strings.LastIndexByte(url, '/')+1:]]
}

// wake lets long polls look again.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// happens rolls the dice.
func (s *Server) happens(probability float64) bool { return s.random.Float64() < probability }
