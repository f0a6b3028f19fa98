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
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/maskrail/maskrail/libs/internal/awstest"
)

// Region and the credentials that the server knows.
const (
	Region    = awstest.Region
	AccessKey = awstest.AccessKey
	SecretKey = awstest.SecretKey
)

// Server is the KMS.
type Server struct {
	awstest.Frame
	URL string

	mu    sync.Mutex
	keys  map[string]cipher.AEAD // by id
	alias map[string]string      // alias/NAME → id
}

// New starts a server, which stops with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		Frame: awstest.Frame{Service: "kms", Target: "TrentService", Version: "1.1", Stranger: "UnrecognizedClientException"},
		keys:  map[string]cipher.AEAD{}, alias: map[string]string{},
	}
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
func ARN(id string) string { return "arn:aws:kms:" + Region + ":" + awstest.Account + ":key/" + id }

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

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	out, code := s.handle(r)
	switch code {
	case "":
		s.Answer(w, out)
	case "KMSInternalException", "DependencyTimeoutException":
		s.Fail(w, http.StatusInternalServerError, code)
	default:
		s.Fail(w, http.StatusBadRequest, code)
	}
}

func (s *Server) handle(r *http.Request) (out any, code string) {
	var in request
	operation, code := s.Admit(r, &in)
	if code != "" {
		return nil, code
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
