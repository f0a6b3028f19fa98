package jetstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/maskrail/maskrail/libs/bus"
)

// Provision creates the streams, or brings those that are there in line. What an operator set beside the fields
// of bus.Stream, such as a size limit or a placement, stays.
//
// Messages are kept until MaxAge (limits retention), since replay needs them after they were consumed, and
// nobody can delete or purge them. At a size limit a stream refuses new messages and so slows its publisher
// down; to discard the oldest would lose references that nobody has worked on.
//
// Durables are made as well, where none is: one that begins at new messages must be there before the first one. Those that
// are there keep their position.
func Provision(ctx context.Context, b *Bus, streams []bus.Stream, durables ...bus.Consumer) error {
	for _, s := range streams {
		if err := b.provision(ctx, s); err != nil {
			return fmt.Errorf("provision stream %s: %w", s.Name, err)
		}
	}
	for _, c := range durables {
		if err := b.bind(ctx, c); err != nil {
			return fmt.Errorf("provision durable %s of stream %s: %w", c.Durable, c.Stream, err)
		}
	}
	return nil
}

func (b *Bus) provision(ctx context.Context, s bus.Stream) error {
	there, err := b.js.Stream(ctx, s.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = b.js.CreateStream(ctx, b.streamConfig(jetstream.StreamConfig{}, s))
		if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return err
		}
		there, err = b.js.Stream(ctx, s.Name) // somebody else was faster
	}
	if err != nil {
		return err
	}
	_, err = b.js.UpdateStream(ctx, b.streamConfig(there.CachedInfo().Config, s))
	return err
}

func (b *Bus) streamConfig(c jetstream.StreamConfig, s bus.Stream) jetstream.StreamConfig {
	c.Name, c.Subjects = s.Name, s.Subjects
	c.MaxAge, c.Duplicates = s.MaxAge, s.Duplicates
	c.Retention, c.Storage, c.Discard = jetstream.LimitsPolicy, jetstream.FileStorage, jetstream.DiscardNew
	c.DenyDelete, c.DenyPurge = true, true
	if b.replicas > 0 {
		c.Replicas = b.replicas
	}
	return c
}
