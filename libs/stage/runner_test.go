package stage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// inBubble runs test with a world of its own and a clock that jumps.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

func TestSuccess(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		stop := w.start(mask)
		m := w.one(bus.Masked)
		ref, at, err := objref.Decode(m)
		if err != nil || at != objref.AtMasked || ref.Environment != environment || ref.Run != "run-1" {
			t.Errorf("handed on %v of stage %s, %v", ref, at, err)
		}
		if m.ID != ref.MessageID(objref.AtMasked) || m.Subject != ref.Subject(objref.AtMasked) || m.Header["ce-source"] != "/masker" || m.Header["traceparent"] == "" {
			t.Errorf("message has subject %s, id %s, header %v", m.Subject, m.ID, m.Header)
		}
		if err := stop(); !errors.Is(err, errStopped) {
			t.Errorf("Run returns %v, want the cause", err)
		}
		w.counts(map[string]int{bus.Masked: 1})
		w.settled()
		lines := w.lines("done")
		if len(lines) != 1 || lines[0]["run"] != "run-1" || lines[0]["entity"] != "interaction" || lines[0]["object"] != rawRef("").Object.ShortID() {
			t.Errorf("log lines are %v", lines)
		}
	})
}

func TestNothingToHandOn(t *testing.T) {
	inBubble(t, func(_ *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) { return nil, nil })
		_ = stop()
		w.counts(nil)
		w.settled()
	})
}

func TestRejection(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		calls := 0
		stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) {
			calls++
			return nil, fmt.Errorf("mask: %w", stage.Reject(objref.Reason{Class: "unknown-field", Field: "nickName", Detail: "add it", Count: 3}))
		})
		_ = stop()
		m, ref, reason := w.letter(bus.Rejected)
		if m.Subject != "maskrail.rejected.sandbox-01.interaction._" || ref.Environment != environment || ref.Outcome.State != objref.Rejected {
			t.Errorf("parked on %s with state %s", m.Subject, ref.Outcome.State)
		}
		if want := (objref.Reason{Service: "masker", Class: "unknown-field", Field: "nickName", Detail: "add it", Count: 3}); reason != want {
			t.Errorf("reason is %+v, want %+v", reason, want)
		}
		if ref.Object != rawRef("").Object || calls != 1 {
			t.Errorf("parked another object, or worked %d times", calls)
		}
		w.counts(map[string]int{bus.Rejected: 1})
		w.settled()
		if lines := w.lines("rejected"); len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["class"] != "unknown-field" {
			t.Errorf("log lines are %v", lines)
		}
	})
}

func TestPermanent(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) {
			return nil, stage.Permanent(errors.New("bucket is gone: ä" + strings.Repeat("ä", 300)))
		})
		_ = stop()
		m, ref, reason := w.letter(bus.Dead)
		if m.Subject != "maskrail.dead.masker.sandbox-01" || ref.Outcome.State != objref.Dead || reason.Service != "masker" || reason.Class != "permanent" {
			t.Errorf("parked on %s: %+v", m.Subject, reason)
		}
		if !strings.HasPrefix(reason.Detail, "bucket is gone") || len(reason.Detail) > 300 || strings.ToValidUTF8(reason.Detail, "?") != reason.Detail {
			t.Errorf("detail is %d bytes: %s", len(reason.Detail), reason.Detail)
		}
		w.counts(map[string]int{bus.Dead: 1})
		w.settled()
	})
}

func TestErrorsAreTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		var at []time.Time
		stop := w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
			if at = append(at, time.Now()); len(at) < 4 {
				return nil, errAway
			}
			return mask(ctx, in)
		})
		after(10 * time.Minute)
		w.counts(map[string]int{bus.Masked: 1})
		if len(at) != 4 {
			t.Fatalf("worked %d times, want 4", len(at))
		}
		for i, want := range []time.Duration{2 * time.Second, 8 * time.Second, 32 * time.Second} {
			if got := at[i+1].Sub(at[i]); got < want*3/4 || got > want*5/4 {
				t.Errorf("waited %v before try %d, want %v give or take a quarter", got, i+2, want)
			}
		}
		_ = stop()
		w.settled()
		if lines := w.lines("retried"); len(lines) != 3 || lines[0]["level"] != "WARN" || lines[0]["error"] != errAway.Error() {
			t.Errorf("log lines are %v", lines)
		}
	})
}

func TestTooManyErrors(t *testing.T) {
	for name, tt := range map[string]struct{ limit, want int }{"default": {0, 5}, "configured": {2, 2}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.publish(rawRef("run-1"))
				calls := 0
				stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) { calls++; return nil, errAway },
					func(r *stage.Runner) { r.Failures = tt.limit })
				after(time.Hour)
				_, _, reason := w.letter(bus.Dead)
				if calls != tt.want || reason.Class != "failing" || reason.Detail != errAway.Error() {
					t.Errorf("after %d tries: %+v; want %d", calls, reason, tt.want)
				}
				_ = stop()
				w.settled()
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		var at []time.Time
		w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
			if at = append(at, time.Now()); len(at) == 1 {
				return nil, fmt.Errorf("get: %w", stage.RetryAfter(errAway, 17*time.Minute))
			}
			return mask(ctx, in)
		})
		after(time.Hour)
		if len(at) != 2 || at[1].Sub(at[0]) != 17*time.Minute {
			t.Errorf("worked at %v, want again after 17m", at)
		}
		w.counts(map[string]int{bus.Masked: 1})
	})
}

// TestKilledWorkers: deliveries without an answer park a message only beyond the large limit.
func TestKilledWorkers(t *testing.T) {
	for name, tt := range map[string]struct {
		killed, limit, calls int
		want                 map[string]int
	}{
		"24 of 25":    {24, 0, 1, map[string]int{bus.Masked: 1}},
		"all 25":      {25, 0, 0, map[string]int{bus.Dead: 1}},
		"2 of 3":      {2, 3, 1, map[string]int{bus.Masked: 1}},
		"all 3":       {3, 3, 0, map[string]int{bus.Dead: 1}},
		"more than 3": {5, 3, 0, map[string]int{bus.Dead: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.publish(rawRef("run-1"))
				w.abandon(tt.killed)
				calls := 0
				stop := w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
					calls++
					return mask(ctx, in)
				}, func(r *stage.Runner) { r.Deliveries = tt.limit })
				after(time.Minute)
				_ = stop()
				w.counts(tt.want)
				if calls != tt.calls {
					t.Errorf("worked %d times, want %d", calls, tt.calls)
				}
				if tt.want[bus.Dead] > 0 {
					if _, _, reason := w.letter(bus.Dead); reason.Class != "crashing" || !strings.Contains(reason.Detail, "without an answer") {
						t.Errorf("reason is %+v", reason)
					}
				}
				w.settled()
			})
		})
	}
}

// TestAnsweredDeliveriesAreNoCrashes: a message that is returned again and again, by a bus that is away, stays
// far from the limit of deliveries.
func TestAnsweredDeliveriesAreNoCrashes(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		refused := 0
		w.start(mask, func(r *stage.Runner) {
			r.Deliveries = 3
			r.Bus = &faulty{Bus: w.bus, before: func(bus.Message) error {
				if refused++; refused <= 40 {
					return errAway
				}
				return nil
			}}
		})
		after(time.Hour)
		if refused != 41 {
			t.Errorf("published %d times, want 41", refused)
		}
		w.counts(map[string]int{bus.Masked: 1})
	})
}

func TestLostPublish(t *testing.T) {
	verdicts := map[string]struct {
		f      stage.Func
		stream string
	}{
		"done": {mask, bus.Masked},
		"rejected": {func(context.Context, objref.Ref) ([]objref.Ref, error) {
			return nil, stage.Reject(objref.Reason{Class: "key"})
		}, bus.Rejected},
		"dead": {func(context.Context, objref.Ref) ([]objref.Ref, error) { return nil, stage.Permanent(errAway) }, bus.Dead},
	}
	faults := map[string]func(*faulty, func(bus.Message) error){
		"message lost": func(f *faulty, fail func(bus.Message) error) { f.before = fail },
		"answer lost":  func(f *faulty, fail func(bus.Message) error) { f.after = fail },
	}
	for name, v := range verdicts {
		for fault, set := range faults {
			t.Run(name+", "+fault, func(t *testing.T) {
				inBubble(t, func(t *testing.T, w *world) {
					w.publish(rawRef("run-1"))
					f, calls, failed := &faulty{Bus: w.bus}, 0, 0
					set(f, func(bus.Message) error {
						if failed++; failed <= 7 { // more often than Func may fail
							return errAway
						}
						return nil
					})
					stop := w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
						calls++
						return v.f(ctx, in)
					}, func(r *stage.Runner) { r.Bus = f })
					after(5 * time.Minute)
					if calls != 8 {
						t.Errorf("worked %d times, want 8: the message must come again until its letter is on the bus", calls)
					}
					w.counts(map[string]int{v.stream: 1})
					_ = stop()
					w.settled()
				})
			})
		}
	}
}

func TestPanic(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		calls := 0
		stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) {
			calls++
			panicWith("caller +4915112345678")
			return nil, nil
		})
		after(time.Hour)
		_ = stop()
		m, _, reason := w.letter(bus.Dead)
		if calls != 5 || reason.Class != "panic" {
			t.Errorf("after %d panics: %+v", calls, reason)
		}
		if !strings.Contains(reason.Detail, "panic of type string in ") || !strings.Contains(reason.Detail, "stage_test.panicWith") {
			t.Errorf("detail is %q", reason.Detail)
		}
		if strings.Contains(reason.Detail, "49151123") || strings.Contains(w.logs.String(), "49151123") {
			t.Errorf("the panic's value is shown: %s\n%s\n%s", reason.Detail, w.logs, m.Data)
		}
		w.settled()
	})
}

func panicWith(v any) { panic(v) }

func TestHeartbeatKeepsALongJob(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		calls := 0
		slow := func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
			calls++
			<-time.After(3 * time.Hour) // 360 times AckWait
			return mask(ctx, in)
		}
		stop := w.start(slow)
		idle := w.start(slow) // another process, which would take it
		after(4 * time.Hour)
		if calls != 1 {
			t.Errorf("worked %d times, want once", calls)
		}
		w.counts(map[string]int{bus.Masked: 1})
		_, _ = stop(), idle()
		w.settled()
	})
}

// TestNoSecondTryBesideTheFirst: when signs of life are lost, the message comes again while it is being worked on.
// The worker does not begin a second time, and what it finishes counts.
func TestNoSecondTryBesideTheFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		calls := 0
		stop := w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
			calls++
			<-time.After(time.Hour)
			return mask(ctx, in)
		}, func(r *stage.Runner) { r.In[0].Workers, r.Bus = 4, lifeless{w.bus} })
		after(2 * time.Hour)
		if calls != 1 {
			t.Errorf("worked %d times, want once", calls)
		}
		w.counts(map[string]int{bus.Masked: 1})
		_ = stop()
		w.settled()
	})
}

// lifeless is a bus that loses every sign of life.
type lifeless struct{ bus.Bus }

func (l lifeless) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	return l.Bus.Consume(ctx, c, func(ctx context.Context, d bus.Delivery) { handle(ctx, lifelessDelivery{d}) })
}

type lifelessDelivery struct{ bus.Delivery }

func (lifelessDelivery) InProgress(context.Context) error { return errAway }

// TestStopDoesNotCount: a worker that is stopped in the middle of its work, again and again, neither fails the
// message nor holds it back.
func TestStopDoesNotCount(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		for i := range 12 {
			begun := make(chan struct{}, 1)
			stop := w.start(func(ctx context.Context, _ objref.Ref) ([]objref.Ref, error) {
				begun <- struct{}{}
				<-ctx.Done()
				// What a reader says that was cut off in the middle.
				return nil, []error{ctx.Err(), context.Cause(ctx), errAway, stage.Permanent(errAway), stage.Reject(objref.Reason{Class: "malformed"})}[i%5]
			})
			select {
			case <-begun: // at once, not after AckWait
			case <-time.After(time.Second):
				t.Fatalf("the message does not come to worker %d", i+1)
			}
			if err := stop(); !errors.Is(err, errStopped) {
				t.Errorf("Run returns %v, want the cause", err)
			}
		}
		w.counts(nil)
		stop := w.start(mask)
		w.counts(map[string]int{bus.Masked: 1})
		_ = stop()
		w.settled()
	})
}

// TestStopLetsFinishedWorkOut: what is done when the stop comes is published and acknowledged.
func TestStopLetsFinishedWorkOut(t *testing.T) {
	inBubble(t, func(_ *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		stop := w.start(func(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
			<-ctx.Done()
			return mask(ctx, in)
		})
		_ = stop()
		w.counts(map[string]int{bus.Masked: 1})
		w.settled()
	})
}

// TestStopDoesNotWaitForABusThatIsAway: the grace for finished work is limited.
func TestStopDoesNotWaitForABusThatIsAway(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		stop := w.start(mask, func(r *stage.Runner) { r.Bus = &hanging{w.bus} })
		start := time.Now()
		_ = stop()
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("the stop took %v", took)
		}
		w.counts(nil)
		w.start(mask)
		w.counts(map[string]int{bus.Masked: 1})
	})
}

// hanging is a bus whose Publish waits for its context.
type hanging struct{ bus.Bus }

func (h *hanging) Publish(ctx context.Context, _ bus.Message) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestUndecodable(t *testing.T) {
	good, err := objref.Encode(rawRef("run-1"), objref.AtRaw, "maskrail.raw.interaction._", "/exporter")
	if err != nil {
		t.Fatal(err)
	}
	masked, err := mask(t.Context(), rawRef("run-1"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := objref.Encode(masked[0], objref.AtMasked, "maskrail.raw.interaction._", "/masker")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		message bus.Message
		detail  string
	}{
		"not a reference":  {bus.Message{Subject: good.Subject, Header: good.Header, Data: []byte(`{"object":"` + secret + `"`)}, "not the JSON"},
		"no type":          {bus.Message{Subject: good.Subject, Data: good.Data}, "ce-type"},
		"of another stage": {bus.Message{Subject: other.Subject, Header: other.Header, Data: other.Data}, "stage masked"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.send(tt.message)
				stop := w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) { t.Error("Func ran"); return nil, nil })
				_ = stop()
				m := w.one(bus.Dead)
				var u stage.Undecodable
				if err := json.Unmarshal(m.Data, &u); err != nil {
					t.Fatal(err)
				}
				if m.Subject != "maskrail.dead.masker.sandbox-01" || m.Header["ce-type"] != stage.UndecodableType || m.Header["ce-id"] != m.ID || m.ID == "" {
					t.Errorf("letter on %s with header %v", m.Subject, m.Header)
				}
				if u.Service != "masker" || u.Stream != bus.Raw || u.Subject != tt.message.Subject || len(u.SHA256) != 64 ||
					u.Bytes != len(tt.message.Data) || !strings.Contains(u.Detail, tt.detail) || !u.Stored.Equal(w.one(bus.Raw).Time) {
					t.Errorf("letter says %+v", u)
				}
				if strings.Contains(string(m.Data)+fmt.Sprint(m.Header)+w.logs.String(), "49151123") {
					t.Errorf("the letter or the log holds a part of the message: %s\n%s", m.Data, w.logs)
				}
				w.counts(map[string]int{bus.Dead: 1})
				w.settled()
			})
		})
	}
}

// TestReplayHasItsOwnLetters: within the duplicate window, a redelivery of one run parks once and another run
// parks again.
func TestReplayHasItsOwnLetters(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.publish(rawRef("run-1"))
		replayed := rawRef("replay-2")
		m, err := objref.Encode(replayed, objref.AtRaw, replayed.ReplaySubject(environment, objref.AtRaw), "/maskrail")
		if err != nil {
			t.Fatal(err)
		}
		w.send(m)
		var answered atomic.Bool // the first answer is lost
		w.start(func(context.Context, objref.Ref) ([]objref.Ref, error) {
			return nil, stage.Reject(objref.Reason{Class: "key"})
		},
			func(r *stage.Runner) {
				r.In = append(r.In, bus.Consumer{Stream: bus.Replay, Durable: durable, All: true, Filters: []string{"maskrail.replay.sandbox-01.raw.>"}})
				r.Bus = &faulty{Bus: w.bus, after: func(bus.Message) error {
					if answered.CompareAndSwap(false, true) {
						return errAway
					}
					return nil
				}}
			})
		after(time.Minute)
		runs := map[string]int{}
		for _, m := range w.messages(bus.Rejected) {
			ref, _, err := objref.Decode(m)
			if err != nil {
				t.Fatal(err)
			}
			runs[ref.Run]++
		}
		if len(runs) != 2 || runs["run-1"] != 1 || runs["replay-2"] != 1 {
			t.Errorf("letters by run are %v, want one each", runs)
		}
	})
}

// TestSeveralReferences: one message with several references, as the exporter takes.
func TestSeveralReferences(t *testing.T) {
	decode := func(m bus.Message) ([]objref.Ref, error) {
		var refs []objref.Ref
		for key := range strings.FieldsSeq(string(m.Data)) {
			if key == "bad" {
				return nil, errors.New("notification is not JSON")
			}
			if key == "panic" {
				panicWith(key)
			}
			r := rawRef("run-1")
			r.Object.Key = key
			refs = append(refs, r)
		}
		return refs, nil
	}
	work := func(_ context.Context, in objref.Ref) ([]objref.Ref, error) {
		switch in.Object.Key {
		case "reject":
			return nil, stage.Reject(objref.Reason{Class: "entity"})
		case "die":
			return nil, stage.Permanent(errAway)
		case "incomplete":
			in.Run = ""
		case "never":
			return nil, errAway
		}
		return []objref.Ref{in}, nil
	}
	for name, tt := range map[string]struct {
		body string
		want map[string]int
	}{
		"nothing to do":         {"", nil},
		"two":                   {"a b", map[string]int{bus.Raw: 2}},
		"one rejected":          {"a reject b", map[string]int{bus.Raw: 2, bus.Rejected: 1}},
		"one dead, one not":     {"die a", map[string]int{bus.Raw: 1, bus.Dead: 1}},
		"incomplete out":        {"incomplete", map[string]int{bus.Dead: 1}},
		"undecodable":           {"a bad", map[string]int{bus.Dead: 1}},
		"panics":                {"panic", map[string]int{bus.Dead: 1}},
		"one fails to the end":  {"a never", map[string]int{bus.Raw: 1, bus.Dead: 1}},
		"the same object twice": {"a a", map[string]int{bus.Raw: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.send(bus.Message{Subject: "maskrail.s3.maskrail-raw", Data: []byte(tt.body)})
				stop := w.start(work, func(r *stage.Runner) {
					r.Service, r.Environment, r.From, r.Out, r.Decode = "exporter", "", "", objref.AtRaw, decode
					r.In = []bus.Consumer{{Stream: bus.S3Events, Durable: "exporter", All: true}}
				})
				after(time.Hour)
				_ = stop()
				for _, stream := range []string{bus.Raw, bus.Rejected, bus.Dead} {
					if got := len(w.messages(stream)); got != tt.want[stream] {
						t.Errorf("stream %s holds %d messages, want %d; log:\n%s", stream, got, tt.want[stream], w.logs)
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				_ = w.bus.Consume(ctx, bus.Consumer{Stream: bus.S3Events, Durable: "exporter", Workers: 1}, func(context.Context, bus.Delivery) {
					t.Error("the message was not settled")
					cancel()
				})
			})
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := stage.Runner{Service: "masker", Bus: w.bus, Func: mask, In: []bus.Consumer{{Stream: bus.Raw, Durable: "d"}}}
	for name, tt := range map[string]struct {
		change func(*stage.Runner)
		want   string
	}{
		"no service":  {func(r *stage.Runner) { r.Service = "" }, "Service is missing"},
		"no bus":      {func(r *stage.Runner) { r.Bus = nil }, "Bus is missing"},
		"no function": {func(r *stage.Runner) { r.Func = nil }, "Func is missing"},
		"no input":    {func(r *stage.Runner) { r.In = nil }, "In is empty"},
		"no stream":   {func(r *stage.Runner) { r.In = append(r.In, bus.Consumer{Stream: "NOWHERE", Durable: "d"}) }, bus.ErrNoStream.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := good
			r.In = append([]bus.Consumer(nil), good.In...)
			tt.change(&r)
			if err := r.Run(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run returns %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNoKeyIsLogged(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for i, f := range []stage.Func{
			mask,
			func(context.Context, objref.Ref) ([]objref.Ref, error) {
				return nil, stage.Reject(objref.Reason{Class: "key"})
			},
			func(context.Context, objref.Ref) ([]objref.Ref, error) { return nil, stage.Permanent(errAway) },
			func(_ context.Context, in objref.Ref) ([]objref.Ref, error) { return []objref.Ref{in}, nil }, // incomplete
		} {
			w.publish(rawRef(fmt.Sprint("run-", i)))
			stop := w.start(f)
			after(time.Hour)
			_ = stop()
		}
		if strings.Contains(w.logs.String(), "49151123") {
			t.Errorf("a key is in the log:\n%s", w.logs)
		}
		if n := strings.Count(w.logs.String(), rawRef("").Object.ShortID()); n < 4 {
			t.Errorf("the short id stands %d times in the log, want 4:\n%s", n, w.logs)
		}
	})
}
