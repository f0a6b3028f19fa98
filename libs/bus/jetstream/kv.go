package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
)

type kv struct{ kv jetstream.KeyValue }

// KV implements bus.Bus. A bucket is a file-backed stream with one value per key.
func (b *Bus) KV(ctx context.Context, bucket string) (bus.KV, error) {
	there, err := b.js.KeyValue(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		there, err = b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: bucket, History: 1, Storage: jetstream.FileStorage, Replicas: max(b.replicas, 1),
		})
		if errors.Is(err, jetstream.ErrBucketExists) {
			there, err = b.js.KeyValue(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open key/value bucket %s: %w", bucket, err)
	}
	return kv{there}, nil
}

func (k kv) Get(ctx context.Context, key string) ([]byte, error) {
	if err := bus.CheckKey(key); err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	e, err := k.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, fmt.Errorf("get: %w", bus.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	return append([]byte{}, e.Value()...), nil // never nil, which would mean to Swap that there is none
}

func (k kv) Put(ctx context.Context, key string, value []byte) error {
	if err := bus.CheckKey(key); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	if _, err := k.kv.Put(ctx, key, value); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	return nil
}

// Swap compares with what it reads and lets the server compare revisions, so a read that is old conflicts and does no harm.
func (k kv) Swap(ctx context.Context, key string, old, value []byte) error {
	if err := bus.CheckKey(key); err != nil {
		return fmt.Errorf("swap: %w", err)
	}
	if old == nil {
		_, err := k.kv.Create(ctx, key, value)
		return swapError(err)
	}
	e, err := k.kv.Get(ctx, key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), err == nil && !bytes.Equal(e.Value(), old):
		return fmt.Errorf("swap: %w", bus.ErrConflict)
	case err != nil:
		return fmt.Errorf("swap: %w", err)
	}
	_, err = k.kv.Update(ctx, key, value, e.Revision())
	return swapError(err)
}

func swapError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jetstream.ErrKeyExists), errors.Is(err, jetstream.ErrKeyRevisionMismatch):
		return fmt.Errorf("swap: %w", bus.ErrConflict)
	}
	return fmt.Errorf("swap: %w", err)
}

func (k kv) Keys(ctx context.Context, prefix string, fn func(key string) error) error {
	// The server filters by whole tokens, the rest is done here.
	filter := ">"
	if i := strings.LastIndexByte(prefix, '.'); i >= 0 {
		filter = prefix[:i+1] + ">"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch, err := k.kv.Watch(ctx, filter, jetstream.IgnoreDeletes(), jetstream.MetaOnly())
	if err != nil {
		return fmt.Errorf("list keys: %w", err)
	}
	defer func() { _ = watch.Stop() }() // the watch ends with ctx in any case
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e := <-watch.Updates():
			if e == nil { // all that was there has come
				return nil
			}
			if !strings.HasPrefix(e.Key(), prefix) {
				continue
			}
			if err := fn(e.Key()); err != nil {
				return err
			}
		}
	}
}
