package membus

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/bus"
)

type kv struct {
	bus    *Bus
	values map[string][]byte
}

// KV implements bus.Bus.
func (b *Bus) KV(ctx context.Context, bucket string) (bus.KV, error) {
	if err := b.usable(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kvs[bucket] == nil {
		b.kvs[bucket] = &kv{values: map[string][]byte{}}
	}
	return &kv{bus: b, values: b.kvs[bucket].values}, nil
}

func (k *kv) Get(ctx context.Context, key string) ([]byte, error) {
	if err := k.check(ctx, key); err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	k.bus.mu.Lock()
	defer k.bus.mu.Unlock()
	v, ok := k.values[key]
	if !ok {
		return nil, fmt.Errorf("get: %w", bus.ErrNotFound)
	}
	return bytes.Clone(v), nil
}

func (k *kv) Put(ctx context.Context, key string, value []byte) error {
	if err := k.check(ctx, key); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	k.bus.mu.Lock()
	defer k.bus.mu.Unlock()
	k.values[key] = owned(value)
	return nil
}

func (k *kv) Swap(ctx context.Context, key string, old, value []byte) error {
	if err := k.check(ctx, key); err != nil {
		return fmt.Errorf("swap: %w", err)
	}
	k.bus.mu.Lock()
	defer k.bus.mu.Unlock()
	now, there := k.values[key]
	if there != (old != nil) || !bytes.Equal(now, old) {
		return fmt.Errorf("swap: %w", bus.ErrConflict)
	}
	k.values[key] = owned(value)
	return nil
}

// owned copies a value; an empty one is not nil, which would mean that there is none.
func owned(value []byte) []byte { return append([]byte{}, value...) }

func (k *kv) Keys(ctx context.Context, prefix string, fn func(key string) error) error {
	if err := k.bus.usable(ctx); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	k.bus.mu.Lock()
	keys := slices.Collect(maps.Keys(k.values))
	k.bus.mu.Unlock()
	for _, key := range keys {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if err := fn(key); err != nil {
			return err
		}
	}
	return nil
}

func (k *kv) check(ctx context.Context, key string) error {
	if err := k.bus.usable(ctx); err != nil {
		return err
	}
	return bus.CheckKey(key)
}
