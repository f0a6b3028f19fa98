package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Move copies the object from to to, byte for byte with its metadata, and then deletes from. It is idempotent: a
// move that was cut short is finished by the next call, and one that is done returns the object at its new place.
// An object with other bytes at to is never overwritten; the error is then ErrExists and from stays.
//
// The bytes pass through the caller as a stream and touch no disk.
func Move(ctx context.Context, store Store, from, to Location) (Object, error) {
	to.Version = ""
	src, err := store.Head(ctx, from)
	if errors.Is(err, ErrNotFound) {
		dst, derr := store.Head(ctx, to)
		if derr != nil {
			return Object{}, fmt.Errorf("move object %s: %w", from.ShortID(), err)
		}
		return dst, nil
	}
	if err != nil {
		return Object{}, fmt.Errorf("move object %s: %w", from.ShortID(), err)
	}
	body := &reader{ctx: ctx, store: store, loc: src.Location, size: src.Bytes}
	defer body.Close()
	dst, err := store.Put(ctx, to, body, src.Bytes, PutOptions{IfAbsent: true, SHA256: src.SHA256, Metadata: src.Metadata})
	if errors.Is(err, ErrExists) {
		dst, err = sameBytes(ctx, store, src, to)
	}
	if err != nil {
		return Object{}, fmt.Errorf("move object %s: %w", from.ShortID(), err)
	}
	if err := store.Delete(ctx, src.Location); err != nil {
		return Object{}, fmt.Errorf("move object %s: %w", from.ShortID(), err)
	}
	return dst, nil
}

// sameBytes describes the object at to when it holds the bytes of src, and fails with ErrExists otherwise.
func sameBytes(ctx context.Context, store Store, src Object, to Location) (Object, error) {
	dst, err := store.Head(ctx, to)
	if err != nil {
		return Object{}, err
	}
	if dst.Bytes != src.Bytes {
		return Object{}, fmt.Errorf("other bytes are there: %w", ErrExists)
	}
	want, err := digestOf(ctx, store, src)
	if err != nil {
		return Object{}, err
	}
	got, err := digestOf(ctx, store, dst)
	if err != nil {
		return Object{}, err
	}
	if got != want {
		return Object{}, fmt.Errorf("other bytes are there: %w", ErrExists)
	}
	return dst, nil
}

func digestOf(ctx context.Context, store Store, o Object) (string, error) {
	if o.SHA256 != "" {
		return o.SHA256, nil
	}
	body, _, err := store.Get(ctx, o.Location, Range{})
	if err != nil {
		return "", err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", Fail("read", o.Location, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reader reads one version of an object from any offset. It opens the object anew after a seek.
type reader struct {
	ctx   context.Context
	store Store
	loc   Location
	size  int64
	off   int64
	body  io.ReadCloser // at off; nil until the next read
}

func (r *reader) Read(p []byte) (int, error) {
	if r.off >= r.size {
		return 0, io.EOF
	}
	if r.body == nil {
		body, _, err := r.store.Get(r.ctx, r.loc, Range{Offset: r.off})
		if err != nil {
			return 0, err
		}
		r.body = body
	}
	n, err := r.body.Read(p)
	r.off += int64(n)
	return n, err
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.off
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start of the object")
	}
	if offset != r.off {
		r.Close()
		r.off = offset
	}
	return offset, nil
}

func (r *reader) Close() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return err
}
