package sketch

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/maskrail/maskrail/libs/keys"
)

// HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305.
var (
	kdf  = hpke.HKDFSHA256()
	aead = hpke.ChaCha20Poly1305()
)

// info binds a sealed key to the bytes of the masked object.
func info(object string) []byte { return []byte("maskrail sketch v1\x00" + object) }

const (
	privateBlock = "PRIVATE KEY" // PKCS#8 (RFC 8410)
	publicBlock  = "PUBLIC KEY"  // SubjectPublicKeyInfo
)

// ErrSealed means that a sealed key is another validator's, another object's, or damaged.
var ErrSealed = errors.New("the sealed key does not open: it is for another validator or another object")

// Sealer seals keys to one validator. It is safe for concurrent use.
type Sealer struct{ key hpke.PublicKey }

// Opener is that validator. It is safe for concurrent use.
type Opener struct{ key hpke.PrivateKey }

// Seal seals a key for the masked object with that SHA-256 (lower-case hex).
func (s *Sealer) Seal(k Key, object string) ([]byte, error) {
	sealed, err := hpke.Seal(s.key, kdf, aead, info(object), k[:])
	if err != nil {
		return nil, fmt.Errorf("seal sketch key: %w", err)
	}
	return sealed, nil
}

// Open is the key that was sealed for the masked object with that SHA-256, or ErrSealed.
func (o *Opener) Open(sealed []byte, object string) (k Key, err error) {
	plain, err := hpke.Open(o.key, kdf, aead, info(object), sealed)
	if err != nil || len(plain) != KeyBytes {
		return k, ErrSealed
	}
	copy(k[:], plain)
	return k, nil
}

// GenerateKey writes a new private key (X25519) as PKCS#8 PEM. keys.Create makes a file of it.
func GenerateKey(w io.Writer) error {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("generate sealing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("generate sealing key: %w", err)
	}
	if err := pem.Encode(w, &pem.Block{Type: privateBlock, Bytes: der}); err != nil {
		return fmt.Errorf("generate sealing key: write: %w", err)
	}
	return nil
}

// NewKeyPair makes a key pair in memory.
func NewKeyPair() (*Opener, error) {
	var pem bytes.Buffer
	if err := GenerateKey(&pem); err != nil {
		return nil, err
	}
	return NewOpener(pem.Bytes())
}

// LoadOpener reads the private key in the file path, which must have mode 0600 or stricter.
func LoadOpener(path string) (*Opener, error) {
	content, err := keys.ReadPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("load sealing key: %w", err)
	}
	o, err := NewOpener(content)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", path, err)
	}
	return o, nil
}

// NewOpener takes an X25519 private key as PKCS#8 PEM. Its errors never show content.
func NewOpener(keyPEM []byte) (*Opener, error) {
	der, err := only(keyPEM, privateBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("load sealing key: the PEM block is no PKCS#8 key: was the file cut off?")
	}
	private, ok := parsed.(*ecdh.PrivateKey)
	if !ok || private.Curve() != ecdh.X25519() {
		return nil, fmt.Errorf("load sealing key: the key is a %T: want X25519, as maskrail keygen --sealing makes", parsed)
	}
	key, err := hpke.NewDHKEMPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("load sealing key: %w", err)
	}
	return &Opener{key}, nil
}

// Sealer seals to this validator.
func (o *Opener) Sealer() *Sealer { return &Sealer{o.key.PublicKey()} }

// PublicPEM is the public part, as NewSealer takes it.
func (o *Opener) PublicPEM() ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(o.key.PublicKey().Bytes())
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der}), nil
}

// LoadSealer reads a validator's public key in the file path.
func LoadSealer(path string) (*Sealer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load public sealing key: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("load public sealing key: %w", err)
	}
	s, err := NewSealer(content)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", path, err)
	}
	return s, nil
}

// maxKeyFile is the most that is read of a public key's file, in bytes.
const maxKeyFile = 64 << 10

// NewSealer takes an X25519 public key as PEM.
func NewSealer(keyPEM []byte) (*Sealer, error) {
	der, err := only(keyPEM, publicBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("load sealing key: the PEM block is no public key: was the file cut off?")
	}
	public, ok := parsed.(*ecdh.PublicKey)
	if !ok || public.Curve() != ecdh.X25519() {
		return nil, fmt.Errorf("load sealing key: the key is a %T: want X25519, as maskrail keygen --sealing makes", parsed)
	}
	key, err := hpke.NewDHKEMPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("load sealing key: %w", err)
	}
	return &Sealer{key}, nil
}

// only is what the one PEM block holds.
func only(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("load sealing key: no PEM block: want one of type %s", kind)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("load sealing key: more than one PEM block: keep one key in the file")
	}
	if block.Type != kind {
		return nil, fmt.Errorf("load sealing key: the PEM block is of another type: want %s", kind)
	}
	return block.Bytes, nil
}

// PublicSuffix is what CreateKeyPair adds to the private key's file name for the public key.
const PublicSuffix = keys.PublicSuffix

// CreateKeyPair makes a sealing key: the private part in the new file path, mode 0600, the public part in path.pub. It
// replaces neither, and leaves nothing behind when it fails.
func CreateKeyPair(path string) error {
	err := keys.CreatePair(path, GenerateKey, func(path string) ([]byte, error) {
		o, err := LoadOpener(path)
		if err != nil {
			return nil, err
		}
		return o.PublicPEM()
	})
	if err != nil {
		return fmt.Errorf("create sealing key: %w", err)
	}
	return nil
}
