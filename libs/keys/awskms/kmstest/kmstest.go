// Package kmstest is a KMS for tests: a server in this process that speaks the JSON protocol of AWS KMS for Encrypt,
// Decrypt and the data-key operations, with AES-256-GCM under keys that it makes itself and the encryption context as
// additional data.
//
// It is written from the API reference and is not AWS: of a signature it checks the access key and the scope and not the
// digest, it has no key policies, and it refuses for other reasons only what Refuse says.
package kmstest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Region and the credentials that the server knows.
const (
	Region    = "eu-central-1"
	AccessKey = "AKIATESTTESTTESTTEST"
	SecretKey = "test-secret-key-of-nobody"
	account   = "111122223333"
)

// Server is the KMS.
type Server struct {
	URL string

	mu     sync.Mutex
	keys   map[string]cipher.AEAD // by id
	alias  map[string]string      // alias/NAME → id
	refuse map[string]string      // operation → error code
	calls  map[string]int
}

// New starts a server, which stops with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{keys: map[string]cipher.AEAD{}, alias: map[string]string{}, refuse: map[string]string{}, calls: map[string]int{}}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// Environment makes the AWS chain of a process end at this server, whatever is configured on the machine.
func (s *Server) Environment() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_KMS": s.URL, "AWS_REGION": Region, "AWS_ACCESS_KEY_ID": AccessKey, "AWS_SECRET_ACCESS_KEY": SecretKey,
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true",
	}
}

// CreateKey makes a key and returns its id.
func (s *Server) CreateKey() string {
	id, key := random(16), random(32)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of 16 bytes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[hex.EncodeToString(id)] = aead
	return hex.EncodeToString(id)
}

// Alias gives a key a second name, alias/NAME.
func (s *Server) Alias(name, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alias[name] = id
}

// DestroyKey forgets a key.
func (s *Server) DestroyKey(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, id)
}

// ARN is the full name of a key.
func ARN(id string) string { return "arn:aws:kms:" + Region + ":" + account + ":key/" + id }

// Refuse makes an operation fail with an error code until code is "".
func (s *Server) Refuse(operation, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[operation] = code
}

// Calls is how often an operation was asked for.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

type request struct {
	KeyID             string `json:"KeyId"`
	Plaintext         []byte
	CiphertextBlob    []byte
	EncryptionContext map[string]string
	KeySpec           string
}

type answer struct {
	KeyID               string `json:"KeyId"`
	Plaintext           []byte `json:",omitempty"`
	CiphertextBlob      []byte `json:",omitempty"`
	EncryptionAlgorithm string `json:",omitempty"`
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/kms/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$`)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	out, code := s.handle(r)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if code != "" {
		status := http.StatusBadRequest
		if code == "KMSInternalException" || code == "DependencyTimeoutException" {
			status = http.StatusInternalServerError
		}
		w.WriteHeader(status)
		out = map[string]string{"__type": code, "message": "a text of the server"}
	}
	_ = json.NewEncoder(w).Encode(out) // a client that is gone asks again
}

func (s *Server) handle(r *http.Request) (out any, code string) {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	if !ok || r.Method != http.MethodPost {
		return nil, "UnknownOperationException"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	if code := s.refuse[operation]; code != "" {
		return nil, code
	}
	switch by := authorization.FindStringSubmatch(r.Header.Get("Authorization")); {
	case by == nil:
		return nil, "MissingAuthenticationToken"
	case by[1] != AccessKey:
		return nil, "UnrecognizedClientException"
	case by[2] != Region:
		return nil, "InvalidSignatureException"
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, "SerializationException"
	}
	switch operation {
	case "Decrypt":
		return s.decrypt(in)
	case "Encrypt":
		return s.encrypt(in)
	case "GenerateDataKey", "GenerateDataKeyWithoutPlaintext":
		if in.KeySpec != "AES_256" {
			return nil, "ValidationException"
		}
		in.Plaintext = random(32)
		made, code := s.encrypt(in)
		if operation == "GenerateDataKey" {
			made.Plaintext = in.Plaintext
		}
		return made, code
	}
	return nil, "UnknownOperationException"
}

// A blob is the key's id, 16 bytes, a nonce of 12 bytes, and what GCM makes of the plain text.
const idBytes, nonceBytes = 16, 12

func (s *Server) encrypt(in request) (answer, string) {
	id := strings.TrimPrefix(in.KeyID, ARN(""))
	if named := s.alias[id]; named != "" {
		id = named
	}
	aead, ok := s.keys[id]
	switch {
	case !ok:
		return answer{}, "NotFoundException"
	case len(in.Plaintext) == 0 || len(in.Plaintext) > 4096:
		return answer{}, "ValidationException"
	}
	head, err := hex.DecodeString(id)
	if err != nil {
		return answer{}, "KMSInternalException"
	}
	nonce := random(nonceBytes)
	blob := aead.Seal(append(head, nonce...), nonce, in.Plaintext, additional(in.EncryptionContext))
	return answer{KeyID: ARN(id), CiphertextBlob: blob}, ""
}

func (s *Server) decrypt(in request) (answer, string) {
	if len(in.CiphertextBlob) < idBytes+nonceBytes {
		return answer{}, "InvalidCiphertextException"
	}
	id := hex.EncodeToString(in.CiphertextBlob[:idBytes])
	aead, ok := s.keys[id]
	if !ok {
		return answer{}, "AccessDeniedException" // as AWS says it for a key that is not there, or elsewhere
	}
	nonce, sealed := in.CiphertextBlob[idBytes:idBytes+nonceBytes], in.CiphertextBlob[idBytes+nonceBytes:]
	plain, err := aead.Open(nil, nonce, sealed, additional(in.EncryptionContext))
	if err != nil {
		return answer{}, "InvalidCiphertextException"
	}
	return answer{KeyID: ARN(id), Plaintext: plain, EncryptionAlgorithm: "SYMMETRIC_DEFAULT"}, ""
}

// additional is an encryption context as bytes, the same for the same pairs in any order.
func additional(context map[string]string) []byte {
	var pairs [][2]string
	for _, name := range slices.Sorted(maps.Keys(context)) {
		pairs = append(pairs, [2]string{name, context[name]})
	}
	b, err := json.Marshal(pairs)
	if err != nil {
		panic(err) // strings have an encoding
	}
	return b
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
