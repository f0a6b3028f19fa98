// Package awstest is what servers for tests share that speak the JSON protocol of AWS: who may ask, what is refused, and how an
// answer looks. Of a signature it checks the access key and the scope and not the digest.
package awstest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// Region, the account and the credentials that the servers know.
const (
	Region    = "eu-central-1"
	Account   = "111122223333"
	AccessKey = "AKIATESTTESTTESTTEST"
	SecretKey = "test-secret-key-of-nobody"
)

// Frame is around the operations of one service.
type Frame struct {
	Service  string // in signatures, such as sqs
	Target   string // before the operation, such as AmazonSQS
	Version  string // of the protocol, such as 1.0
	Stranger string // the error code for an access key that is not known

	mu     sync.Mutex
	refuse map[string]string // operation → error code
	calls  map[string]int
}

// Refuse makes an operation fail with an error code until code is "".
func (f *Frame) Refuse(operation, code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse == nil {
		f.refuse = map[string]string{}
	}
	f.refuse[operation] = code
}

// Calls is how often an operation was asked for.
func (f *Frame) Calls(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[operation]
}

// called counts a call, and returns the error code that it is refused with, if it is.
func (f *Frame) called(operation string) (code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[operation]++
	return f.refuse[operation]
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$`)

// Admit reads a request's parameters into in and returns its operation, or the error code that the request is refused with.
func (f *Frame) Admit(r *http.Request, in any) (operation, code string) {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), f.Target+".")
	if !ok || r.Method != http.MethodPost {
		return "", "UnknownOperationException"
	}
	if code := f.called(operation); code != "" {
		return "", code
	}
	switch by := authorization.FindStringSubmatch(r.Header.Get("Authorization")); {
	case by == nil || by[3] != f.Service:
		return "", "MissingAuthenticationToken"
	case by[1] != AccessKey:
		return "", f.Stranger
	case by[2] != Region:
		return "", "InvalidSignatureException"
	}
	if json.NewDecoder(r.Body).Decode(in) != nil {
		return "", "SerializationException"
	}
	return operation, ""
}

// Answer writes what an operation gave.
func (f *Frame) Answer(w http.ResponseWriter, out any) {
	f.write(w, http.StatusOK, out)
}

// Fail writes an error; kind is its code as the service writes it.
func (f *Frame) Fail(w http.ResponseWriter, status int, kind string) {
	f.write(w, status, map[string]string{"__type": kind, "message": "a text of the server"})
}

func (f *Frame) write(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+f.Version)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // a client that is gone asks again
}
