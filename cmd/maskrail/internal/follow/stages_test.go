package follow

import (
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

func TestStages(t *testing.T) {
	t.Parallel()
	put := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	after := func(ms int) time.Time { return put.Add(time.Duration(ms) * time.Millisecond) }
	objects := []Object{
		{Rows: 10, At: map[objref.Stage]time.Time{objref.AtRaw: after(10), objref.AtMasked: after(110), objref.AtValidated: after(150), objref.AtLoaded: after(250)}},
		{Rows: 0, At: map[objref.Stage]time.Time{objref.AtRaw: after(30)}}, // refused by the masker
	}
	for name, c := range map[string]struct {
		from    objref.Stage
		objects []int
		seconds []float64
	}{
		"from the bucket": {"", []int{2, 1, 1, 1}, []float64{0.030, 0.100, 0.040, 0.100}},
		"from raw":        {objref.AtRaw, []int{0, 1, 1, 1}, []float64{0, 0.100, 0.040, 0.100}},
		"from validated":  {objref.AtValidated, []int{0, 0, 0, 1}, []float64{0, 0, 0, 0.100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, s := range Stages(put, c.from, objects) {
				if s.Objects != c.objects[i] || s.Seconds != c.seconds[i] {
					t.Errorf("%s: %d objects in %v s, want %d in %v s", s.Stage, s.Objects, s.Seconds, c.objects[i], c.seconds[i])
				}
			}
		})
	}
}

func TestFollowerKeepsOrder(t *testing.T) {
	t.Parallel()
	f := New(nil, "sandbox", time.Time{})
	for _, key := range []string{"interaction/c", "interaction/a", "interaction/b", "interaction/a"} {
		f.Add(objref.Object{Bucket: "raw", Key: key, Version: "1"}, "")
	}
	got := ""
	for _, o := range f.snapshot() {
		got += o.Raw.Key[len(o.Raw.Key)-1:]
	}
	if got != "cab" || f.Len() != 3 {
		t.Errorf("order %s, %d objects", got, f.Len())
	}
}
