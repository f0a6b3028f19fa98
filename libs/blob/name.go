package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
)

// ShortID names the object where its key must not be shown: 12 hex digits of SHA-256 over bucket and key, each
// with its length before it.
func (l Location) ShortID() string {
	h := sha256.New()
	for _, part := range []string{l.Bucket, l.Key} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// Kept reports that the version has an id of its own, so that the store keeps it when the object is overwritten.
func (l Location) Kept() bool {
	return l.Version != "" && !strings.HasPrefix(l.Version, "etag:") && !strings.HasPrefix(l.Version, "time:")
}

// String keeps the key out of messages.
func (l Location) String() string { return "object " + l.ShortID() }

// LogValue keeps the key out of logs.
func (l Location) LogValue() slog.Value { return slog.StringValue(l.ShortID()) }

// Fail wraps the error of an operation on the object, e.g. "put object 0f12ab34cd56: object exists". err must not
// hold the key. It is for implementations of Store.
func Fail(op string, l Location, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s object %s: %w", op, l.ShortID(), err)
}
