package thrift

import (
	"bytes"
	"errors"
	"maps"
	"testing"
)

func TestDamaged(t *testing.T) {
	t.Parallel()
	cases := map[string][]byte{
		"empty":           {},
		"no stop":         {0x15, 0x02},
		"list of 2^31":    {0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00},
		"string of 2^40":  {0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00},
		"map of 2^40":     {0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x88, 0x00},
		"nested for ever": bytes.Repeat([]byte{0x1c}, 100_000),
		"lists for ever":  append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 100_000)...),
		"unknown type":    {0x1e, 0x00},
		"endless varint":  bytes.Repeat([]byte{0xff}, 64),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := NewReader(b).Struct(); !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v, want %v", err, ErrDamaged)
			}
		})
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	b := []byte{
		0x15, 0x03, // 1: i32 -2
		0x11,                                                             // 2: true
		0x26, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, // 4: i64, the largest
		0x12,                   // 5: false
		0x05, 0xc8, 0x01, 0x08, // 100: i32 4
		0x18, 0x02, 'a', 'b', // 101: a string, not read
		0x1c, 0x15, 0x02, 0x00, // 102: a struct, not read
		0x19, 0x22, 0x01, 0x02, // 103: two booleans, not read
		0x00, 0xff,
	}
	got := map[int16]int64{}
	r := NewReader(b)
	err := r.Fields(func(id int16, kind Kind) (bool, error) {
		switch kind {
		case I32:
			v, err := r.I32()
			got[id] = int64(v)
			return true, err
		case I64:
			v, err := r.I64()
			got[id] = v
			return true, err
		case True:
			got[id] = 1
		case False:
			got[id] = 0
		}
		return false, nil
	})
	want := map[int16]int64{1: -2, 2: 1, 4: 1<<63 - 1, 5: 0, 100: 4}
	if err != nil || !maps.Equal(got, want) || r.Offset() != len(b)-1 {
		t.Errorf("%v, %d bytes, %v\nwant %v, %d bytes", got, r.Offset(), err, want, len(b)-1)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{0x15, 0x02, 0x19, 0x15, 0x02, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		if err := r.Struct(); err == nil && (r.Offset() > len(b) || r.depth != 0) {
			t.Errorf("%d of %d bytes, depth %d", r.Offset(), len(b), r.depth)
		}
	})
}
