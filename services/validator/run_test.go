package validator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

var errDone = errors.New("done")

// TestRun puts a good and a leaking object on the bus, live and as a replay, and wants one message each.
func TestRun(t *testing.T) {
	t.Parallel()
	var logs strings.Builder
	w := setup(t)
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: Name, Logs: &logs})
	if err != nil {
		t.Fatal(err)
	}
	w.deps.Telemetry = tel
	ctx, cancel := context.WithCancelCause(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.Run(ctx); !errors.Is(err, errDone) {
			t.Errorf("run ended with %v", err)
		}
	})
	good, bad := w.good(), w.good()
	bad.ref.Object.Key = env + "/interaction/acme/bad.parquet"
	bad.ref.Attestations = []string{bad.ref.Object.Key + ".masked.dsse.json"}
	bad.rows[0][bad.at("notes")] = "call " + leaked
	w.awake(w.put(good))
	for _, o := range []*object{good, bad} {
		in := w.put(o)
		in.Environment = "sandbox-02" // another validator's
		w.publish(in, in.Subject(objref.AtMasked))
		in.Environment = env
		w.publish(in, in.Subject(objref.AtMasked))
		in.Run = "replay"
		w.publish(in, in.ReplaySubject(env, objref.AtMasked))
	}
	for stream, want := range map[string]int{bus.Validated: 2, bus.Rejected: 2} {
		w.follow(ctx, stream, want)
	}
	cancel(errDone)
	running.Wait()
	if err := tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	for stream, want := range map[string]int{bus.Validated: 2, bus.Rejected: 2, bus.Dead: 0} {
		if n := w.messages(stream); n != want {
			t.Errorf("%s has %d messages, want %d", stream, n, want)
		}
	}
	for _, hidden := range []string{leaked, "555-0142", good.ref.Object.Key, bad.ref.Object.Key} {
		if strings.Contains(logs.String(), hidden) {
			t.Errorf("the log shows what it must not: %s", logs.String())
		}
	}
}

// warm begins the runs that find out whether the durables are there, which start at new messages.
const warm = "warm-"

// awake returns when both durables hand on what is published.
func (w *world) awake(in objref.Ref) {
	w.t.Helper()
	for _, subject := range []string{in.Subject(objref.AtMasked), in.ReplaySubject(env, objref.AtMasked)} {
		for i := 0; ; i++ {
			in.Run = fmt.Sprint(warm, len(subject), "-", i)
			w.publish(in, subject)
			ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Millisecond)
			err := w.bus.Read(ctx, bus.Query{Stream: bus.Validated, Follow: true}, func(m bus.Message) error {
				if strings.HasPrefix(m.Header["ce-maskrailrun"], fmt.Sprint(warm, len(subject))) {
					return errDone
				}
				return nil
			})
			cancel()
			if errors.Is(err, errDone) {
				break
			}
			if w.t.Context().Err() != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// follow returns when the stream has so many messages beside the warm ones.
func (w *world) follow(ctx context.Context, stream string, want int) {
	w.t.Helper()
	err := w.bus.Read(ctx, bus.Query{Stream: stream, Follow: true}, func(m bus.Message) error {
		if !strings.HasPrefix(m.Header["ce-maskrailrun"], warm) {
			want--
		}
		if want > 0 {
			return nil
		}
		return errDone
	})
	if !errors.Is(err, errDone) {
		w.t.Fatal(err)
	}
}

// messages counts those beside the warm ones, which must be references without a value.
func (w *world) messages(stream string) (n int) {
	w.t.Helper()
	err := w.bus.Read(w.t.Context(), bus.Query{Stream: stream}, func(m bus.Message) error {
		if !strings.HasPrefix(m.Header["ce-maskrailrun"], warm) {
			n++
		}
		if strings.Contains(string(m.Data), leaked) {
			w.t.Errorf("a message on %s shows a value", stream)
		}
		_, _, err := objref.Decode(m)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) publish(r objref.Ref, subject string) {
	w.t.Helper()
	m, err := objref.Encode(r, objref.AtMasked, subject, "/masker")
	if err == nil {
		err = w.bus.Publish(w.t.Context(), m)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestSideBySide lets several validators work on the same object.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	var all sync.WaitGroup
	for range 8 {
		s := w.service(w.signer)
		all.Go(func() {
			if out, err := s.validate(t.Context(), in); err != nil || len(out) != 1 {
				t.Errorf("got %d references and %v", len(out), err)
			}
		})
	}
	all.Wait()
}
