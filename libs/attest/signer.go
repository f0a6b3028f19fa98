package attest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/maskrail/maskrail/libs/keys"
)

const (
	privateBlock = "PRIVATE KEY" // PKCS#8
	publicBlock  = "PUBLIC KEY"  // SubjectPublicKeyInfo
)

// Signer signs statements with one Ed25519 key. It is safe for concurrent use.
type Signer struct {
	private keys.Secret // an ed25519.PrivateKey
	public  []byte      // SubjectPublicKeyInfo, DER
	id      string
}

// GenerateKey writes a new private key as PKCS#8 PEM. keys.Create makes a file of it.
func GenerateKey(w io.Writer) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("generate signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("generate signing key: %w", err)
	}
	if err := pem.Encode(w, &pem.Block{Type: privateBlock, Bytes: der}); err != nil {
		return fmt.Errorf("generate signing key: write: %w", err)
	}
	return nil
}

// LoadSigner reads the private key in the file path, which must have mode 0600 or stricter.
func LoadSigner(path string) (*Signer, error) {
	content, err := keys.ReadPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("load signing key: %w", err)
	}
	s, err := NewSigner(content)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", path, err)
	}
	return s, nil
}

// NewSigner takes an Ed25519 private key as PKCS#8 PEM. Its errors never show content.
func NewSigner(keyPEM []byte) (*Signer, error) {
	block, rest := pem.Decode(keyPEM)
	switch {
	case block == nil:
		return nil, errors.New("load signing key: no PEM block: want an Ed25519 private key in PKCS#8 PEM")
	case block.Type != privateBlock:
		return nil, fmt.Errorf("load signing key: the PEM block is no %q: want an Ed25519 key in PKCS#8", privateBlock)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("load signing key: more than one PEM block: keep one private key in the file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("load signing key: the PEM block is no PKCS#8 key: was the file cut off?")
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("load signing key: the key is a %T: want Ed25519", parsed)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, fmt.Errorf("load signing key: public part: %w", err)
	}
	return &Signer{private: keys.NewSecret(private), public: public, id: keyID(public)}, nil
}

// keyID names a public key: the hex SHA-256 of its SubjectPublicKeyInfo.
func keyID(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:])
}

// KeyID names the signer's public key.
func (s *Signer) KeyID() string { return s.id }

// PublicPEM is the public key, which those who verify must trust.
func (s *Signer) PublicPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: s.public})
}

// LogValue shows the key's name.
func (s *Signer) LogValue() slog.Value { return slog.StringValue(s.id) }

// Sign returns the envelope of a statement. Equal statements and keys give equal bytes.
func (s *Signer) Sign(st Statement) ([]byte, error) {
	if st.Type == "" {
		st.Type = StatementType
	}
	payload, err := st.encode()
	if err != nil {
		return nil, fmt.Errorf("sign statement: %w", err)
	}
	raw, err := s.seal(payload)
	if err != nil {
		return nil, fmt.Errorf("sign statement: %w", err)
	}
	if len(raw) > maxEnvelope {
		return nil, fmt.Errorf("sign statement: %d bytes, want at most %d: too many columns or tenants in one object", len(raw), maxEnvelope)
	}
	return raw, nil
}
