// Package pipeline measures the embedded stack by what its workers trace.
package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/masker"
)

// Names of spans begin so.
const (
	processing = "process "
	announcing = "send maskrail.raw."
)

// Masker holds the masker's worker against the command, on embedded servers and without the workers behind it: they
// would take a part of the processors that the command does not have to share.
type Masker struct {
	Dir, Policy, Key string
	Workers          int
	Queue            []string // files that lie there together
	Alone            []Pair   // files that come one by one
}

// Pair is a file, and the command that masks it into Out.
type Pair struct {
	File, Out string
	Mask      measure.Command
}

// MaskerTimes are seconds.
type MaskerTimes struct {
	Mask  []float64 // the command, from start to end
	Alone []float64 // the worker with the same file, from taking the message to having it acknowledged
	Queue float64   // the worker for each of a queue: one is masked while the next arrives and the last is stored
}

// Run measures.
func (m *Masker) Run(ctx context.Context) (err error) {
	app.Frugal()
	ctx, cancel := limited(ctx)
	defer cancel()
	s, err := start(ctx, m.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var t MaskerTimes
	if t.Queue, err = m.queue(ctx, s); err != nil {
		return err
	}
	for i, p := range m.Alone {
		command, _, err := p.Mask.Run(ctx)
		if err != nil {
			return err
		}
		if err := put(ctx, s.store, s.common.Buckets.Raw, "alone-"+strconv.Itoa(i), p.File); err != nil {
			return err
		}
		seconds, err := s.masked(ctx, 1)
		if err != nil {
			return err
		}
		if err := s.same(ctx, p.Out); err != nil {
			return err
		}
		t.Mask, t.Alone = append(t.Mask, command.Wall.Seconds()), append(t.Alone, seconds)
	}
	return report(t)
}

// queue starts the masker when all the files lie there, and returns its seconds for each.
func (m *Masker) queue(ctx context.Context, s *servers) (float64, error) {
	if err := s.work(ctx, exporter.Name, func(d app.Deps) (app.Worker, error) {
		c := exporter.Default()
		c.Common, c.Environments = s.common, []string{environment}
		return exporter.New(c, d)
	}); err != nil {
		return 0, err
	}
	for i, file := range m.Queue {
		if err := put(ctx, s.store, s.common.Buckets.Raw, "queue-"+strconv.Itoa(i), file); err != nil {
			return 0, err
		}
	}
	if _, err := s.spans.take(ctx, len(m.Queue), exporter.Name, announcing); err != nil {
		return 0, err
	}
	if err := s.work(ctx, masker.Name, func(d app.Deps) (app.Worker, error) { return m.worker(s.common, d) }); err != nil {
		return 0, err
	}
	seconds, err := s.masked(ctx, len(m.Queue))
	return seconds / float64(len(m.Queue)), err
}

// worker is the masker as a stack has it.
func (m *Masker) worker(common app.Common, d app.Deps) (app.Worker, error) {
	set, err := policy.Load(m.Policy)
	if err != nil {
		return nil, err
	}
	ring, err := keys.Load(keys.Source{File: m.Key})
	if err != nil {
		return nil, err
	}
	pem := filepath.Join(m.Dir, "masker.pem")
	if err := keys.Create(pem, attest.GenerateKey); err != nil {
		return nil, err
	}
	signer, err := attest.LoadSigner(pem)
	if err != nil {
		return nil, err
	}
	opener, err := sketch.NewKeyPair()
	if err != nil {
		return nil, err
	}
	c := masker.Default()
	c.Common, c.Environment, c.Workers = common, environment, m.Workers
	return masker.New(c, set, ring, signer, opener.Sealer(), attest.Trust{}, d)
}

// masked waits until so many objects are masked, and returns the seconds in which the worker had any of them.
func (s *servers) masked(ctx context.Context, n int) (float64, error) {
	all, err := s.spans.take(ctx, n, masker.Name, processing)
	if err != nil {
		return 0, err
	}
	had := of(all, masker.Name, processing)
	for _, one := range had {
		if err := done(one); err != nil {
			return 0, err
		}
	}
	return busy(had).Seconds(), nil
}

// same proves that the masker has stored the bytes of a local file.
func (s *servers) same(ctx context.Context, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	for o, err := range s.store.List(ctx, s.common.Buckets.Masked, "") {
		if err != nil {
			return err
		}
		if o.Bytes != int64(len(content)) || !strings.HasSuffix(o.Key, ".parquet") {
			continue
		}
		if o, err = s.store.Head(ctx, o.Location); err != nil {
			return err
		}
		if o.SHA256 == hex.EncodeToString(sum[:]) {
			return nil
		}
	}
	return fmt.Errorf("no object in the masked bucket has the bytes of %s", filepath.Base(file))
}
