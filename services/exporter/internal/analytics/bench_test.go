package analytics

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// nowhere takes everything.
type nowhere struct{ source.Sink }

func (nowhere) Put(context.Context, source.Part) error { return nil }

// BenchmarkPage takes a page of a thousand conversations apart and makes its parts.
func BenchmarkPage(b *testing.B) {
	now := time.Now().UTC()
	sim, err := genesyssim.New(genesyssim.Config{Seed: 7, From: now.AddDate(0, 0, -7), Every: 5 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	page := []byte(`{"conversations":[`)
	records := 0
	for c := range sim.Conversations(now.AddDate(0, 0, -6), now) {
		if records++; records > 1 {
			page = append(page, ',')
		}
		if page = append(page, c.At(now)...); records == 1000 {
			break
		}
	}
	page = append(page, `]}`...)
	s, err := New(nil, Config{})
	if err != nil {
		b.Fatal(err)
	}
	task := source.Task{Window: objref.Window{From: now.AddDate(0, 0, -7), To: now}}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		x := &export{s: s, task: task, sink: nowhere{}, seen: seen{}, surveyor: newSurveyor(source.MaxRecord)}
		p, err := readPage(slices.Clone(page))
		if err == nil {
			err = x.deliver(b.Context(), p.records)
		}
		if err != nil || x.Count.Delivered < 500 || bytes.Contains(page, []byte("\n")) {
			b.Fatalf("%+v: %v", x.Count, err)
		}
	}
}
