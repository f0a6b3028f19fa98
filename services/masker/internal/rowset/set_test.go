package rowset

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
)

// files makes temporary files and counts them.
type files struct {
	dir          string
	made, closed int
	room         int // bytes that can be written; then the disk is full
	broken       bool
}

type file struct {
	*os.File
	of *files
}

func (f *files) make() (File, error) {
	if f.made == 0 && f.room == 0 {
		return nil, syscall.ENOSPC
	}
	t, err := os.CreateTemp(f.dir, "ids-*")
	if err != nil {
		return nil, err
	}
	f.made++
	return &file{t, f}, nil
}

func (f *file) Write(p []byte) (int, error) {
	if f.of.room -= len(p); f.of.room < 0 {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	if f.of.broken {
		return 0, syscall.EIO
	}
	return f.File.ReadAt(p, at)
}

func (f *file) Close() error {
	f.of.closed++
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// little is a set whose ways change after a few ids.
func little(f *files) *Set {
	s := New(0, f.make)
	s.limits = limits{recent: 2, filter: 64, piece: 300, merge: 8}
	return s
}

// model is what a set should say of ids.
type model map[ID]bool

func (m model) add(ids []ID) (again []int32) {
	for i, id := range ids {
		if m[id] {
			again = append(again, int32(i))
		}
		m[id] = id != ID{}
	}
	return again
}

func TestAgainstMap(t *testing.T) {
	t.Parallel()
	random := func(r *rand.Rand) ID { return ID{r.Uint64(), r.Uint64()} }
	for name, c := range map[string]struct {
		calls, rows int
		set         func(*files) *Set
		id          func(r *rand.Rand) ID
	}{
		"nothing again":     {40, 500, little, random},
		"one call":          {1, 20_000, little, random},
		"row by row":        {5000, 1, little, random},
		"all of few":        {40, 500, little, func(r *rand.Rand) ID { return ID{r.Uint64N(50) << 58, 7} }},
		"half of many":      {60, 500, little, func(r *rand.Rand) ID { return ID{r.Uint64N(20_000) * 0x9e3779b97f4a7c15, 1} }},
		"one group":         {20, 500, little, func(r *rand.Rand) ID { return ID{r.Uint64N(4), r.Uint64N(2000)} }},
		"zeros among them":  {40, 500, little, func(r *rand.Rand) ID { return ID{0, r.Uint64N(3)} }},
		"same filter bits":  {20, 500, little, func(r *rand.Rand) ID { return ID{r.Uint64(), 1 << 63} }},
		"limits of a file":  {8, 1 << 17, func(f *files) *Set { return New(0, f.make) }, func(r *rand.Rand) ID { return ID{r.Uint64N(900_000) * 0x9e3779b97f4a7c15, 1} }},
		"expected in vain":  {40, 500, func(f *files) *Set { s := little(f); s.expected = 9; return s }, random},
		"expected too many": {40, 500, func(f *files) *Set { s := little(f); s.expected = 1 << 40; return s }, random},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &files{dir: t.TempDir(), room: 1 << 30}
			s, want, r := c.set(f), model{}, rand.New(rand.NewPCG(1, 2))
			repeats, spilled, merged := 0, false, false
			for call := range c.calls {
				ids := make([]ID, c.rows)
				for i := range ids {
					ids[i] = c.id(r)
				}
				again, err := s.Add(ids, []int32{-1})
				if err != nil {
					t.Fatal(err)
				}
				if expected := append([]int32{-1}, want.add(ids)...); !slices.Equal(again, expected) {
					t.Fatalf("call %d: %d of %d ids stand there again, want %d", call, len(again)-1, len(ids), len(expected)-1)
				}
				repeats += len(again) - 1
				spilled, merged = spilled || len(s.runs) > 0, merged || f.closed > 0
			}
			t.Logf("%d ids, %d of them again, spilled %v, merged %v", c.calls*c.rows, repeats, spilled, merged)
			if err := s.Close(); err != nil || f.made != f.closed {
				t.Errorf("%d files were made and %d closed, error %v", f.made, f.closed, err)
			}
		})
	}
}

// TestInMemory proves that a small file needs no disk.
func TestInMemory(t *testing.T) {
	t.Parallel()
	s, r := New(0, (&files{}).make), rand.New(rand.NewPCG(1, 2))
	for range 16 {
		ids := make([]ID, 1<<14)
		for i := range ids {
			ids[i] = ID{r.Uint64(), r.Uint64()}
		}
		if again, err := s.Add(ids, nil); err != nil || len(again) != 0 {
			t.Fatal(len(again), err)
		}
	}
}

func TestDisk(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	ids := make([]ID, 10_000)
	for i := range ids {
		ids[i] = ID{r.Uint64(), r.Uint64()}
	}
	for _, room := range []int{0, 1, 20_000, 170_000} { // to make the file, to write a run, to merge
		f := &files{dir: t.TempDir(), room: room}
		s := little(f)
		if _, err := s.Add(ids, nil); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("room for %d bytes: %v, want a full disk", room, err)
		}
		if err := s.Close(); err != nil || f.made != f.closed {
			t.Errorf("room for %d bytes: %d files were made and %d closed, error %v", room, f.made, f.closed, err)
		}
	}
	f := &files{dir: t.TempDir(), room: 1 << 30}
	s := little(f)
	if _, err := s.Add(ids, nil); err != nil {
		t.Fatal(err)
	}
	f.broken = true
	if _, err := s.Add(ids, nil); !errors.Is(err, syscall.EIO) {
		t.Errorf("%v, want the error of the disk", err)
	}
}

func FuzzAdd(f *testing.F) {
	f.Add([]byte("a b c a b d e f g a"), uint8(3))
	f.Add(slices.Repeat([]byte{1, 2, 3, 4, 5, 200, 0, 77}, 200), uint8(200))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		fs := &files{dir: t.TempDir(), room: 1 << 30}
		s, want := little(fs), model{}
		var ids []ID
		for ; len(data) >= 2; data = data[2:] {
			n := uint64(binary.LittleEndian.Uint16(data))
			ids = append(ids, ID{n << 60, n >> 4}, ID{n * 0x9e3779b97f4a7c15, n}, ID{n, 0})
		}
		for part := range slices.Chunk(ids, int(size)+1) {
			again, err := s.Add(part, nil)
			if err != nil {
				t.Fatal(err)
			}
			if expected := want.add(part); !slices.Equal(again, expected) {
				t.Fatalf("%v stand there again, want %v", again, expected)
			}
		}
		if err := s.Close(); err != nil || fs.made != fs.closed {
			t.Fatal(err, fs.made, fs.closed)
		}
	})
}
