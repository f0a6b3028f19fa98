package sketch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
)

// files makes temporary files and counts them.
type files struct {
	dir          string
	made, closed int
	full         bool
}

type file struct {
	*os.File
	of *files
}

func (f *files) make() (File, error) {
	if f.full {
		return nil, syscall.ENOSPC
	}
	t, err := os.CreateTemp(f.dir, "sketch-*")
	if err != nil {
		return nil, err
	}
	f.made++
	return &file{t, f}, nil
}

func (f *file) Close() error {
	f.of.closed++
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// none is for what must stay in memory.
func none() (File, error) { return nil, errors.New("no file is needed for so little") }

// encoded is the sketch of some hashes.
func encoded(t testing.TB, temp func() (File, error), hashes ...Hash) []byte {
	t.Helper()
	c := NewCollector(temp)
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	for part := range slices.Chunk(hashes, 1000) {
		if err := c.Add(part); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := c.Encode(&out, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t testing.TB, b []byte, temp func() (File, error)) *Set {
	t.Helper()
	s, err := Read(bytes.NewReader(b), int64(len(b)), temp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func random(n int, seed uint64) []Hash {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Hash, n)
	for i := range out {
		out[i] = Hash(r.Uint64())
	}
	return out
}

// TestSetIsWhatWasCollected holds sets of many sizes against maps, repetitions and files included.
func TestSetIsWhatWasCollected(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 15, 255, 4096, 70_000, 1_200_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			in, fs := random(n, 7), &files{dir: t.TempDir()}
			s := read(t, encoded(t, fs.make, append(slices.Clone(in), in[:n/3]...)...), fs.make)
			if string(s.Sealed()) != "sealed" {
				t.Errorf("the sealed key is %q", s.Sealed())
			}
			var counts [Kinds]int64
			for _, h := range in {
				counts[h.Kind()]++
			}
			for k := range Kind(Kinds) {
				if s.Count(k) != counts[k] {
					t.Errorf("%d hashes of kind %d, want %d", s.Count(k), k, counts[k])
				}
			}
			others := random(200_000, 8)
			found, err := s.Among(append(others, in...), nil)
			if !slices.Equal(found, in) || err != nil {
				t.Errorf("%d hashes were found, want %d, error %v", len(found), len(in), err)
			}
			if want := n > 1_000_000; (fs.made > 0) != want {
				t.Errorf("%d files were made for %d hashes", fs.made, n)
			}
		})
	}
}

func TestCollectorTakesFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	in, c := random(40_000, 3), NewCollector(none)
	var all sync.WaitGroup
	for part := range slices.Chunk(in, 10_000) {
		all.Go(func() {
			for some := range slices.Chunk(part, 64) {
				if err := c.Add(some); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var out bytes.Buffer
	if err := c.Encode(&out, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes()[len(magic)+2:], encoded(t, none, in...)[len(magic)+8:]) {
		t.Error("the sketch depends on who adds")
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := NewCollector((&files{full: true}).make)
	if err := c.Add(random(2_000_000, 5)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want a full disk", err)
	}
}

// TestDamage cuts, flips and appends, and wants ErrMalformed or another set, never a panic.
func TestDamage(t *testing.T) {
	t.Parallel()
	whole := encoded(t, none, random(300, 2)...)
	for n := range whole {
		if _, err := Read(bytes.NewReader(whole[:n]), int64(n), none); !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut off at %d: %v", n, err)
		}
	}
	if _, err := Read(bytes.NewReader(append(slices.Clone(whole), 0)), 0, none); !errors.Is(err, ErrMalformed) {
		t.Errorf("with a byte behind it: %v", err)
	}
	broken := errors.New("broken")
	if _, err := Read(io.MultiReader(bytes.NewReader(whole[:100]), errReader{broken}), 100, none); !errors.Is(err, broken) || errors.Is(err, ErrMalformed) {
		t.Errorf("an error of the source became %v", err)
	}
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }

func FuzzRead(f *testing.F) {
	f.Add(encoded(f, none, random(20, 2)...))
	f.Add([]byte(magic + "\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fs := &files{dir: t.TempDir()}
		s, err := Read(bytes.NewReader(b), int64(len(b)), fs.make)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		defer s.Close()
		d, _, _ := newDecoder(bytes.NewReader(b))
		for h, err := d.next(); err == nil; h, err = d.next() {
			if found, err := s.Among([]Hash{h}, nil); len(found) != 1 || err != nil {
				t.Fatal("a hash of the sketch is not in the set", err)
			}
		}
	})
}

func TestHashes(t *testing.T) {
	t.Parallel()
	k := Key{1, 2, 3}
	h := k.Hasher()
	for digits, want := range map[int]int{6: 6, 7: 7, 16: 16, 18: 18, 30: 18} {
		if kind, ok := Number(digits); !ok || kind.Digits() != want || kind.String() != "number" {
			t.Errorf("%d digits are kind %d", digits, kind)
		}
	}
	if _, ok := Number(5); ok {
		t.Error("five digits are enough")
	}
	a, b, c := h.Sum([]byte("ada")), h.Sum([]byte("byron")), h.Sum([]byte("king"))
	if Pair(a, b) != Pair(b, a) || Triple(a, b, c) != Triple(c, a, b) {
		t.Error("a name depends on the order of its words")
	}
	if Pair(a, b) == Pair(a, c) || Pair(a, b) == Triple(a, b, c) || Pair(a, b).Kind() != Name {
		t.Error("two names are one")
	}
	if (Key{1}).Hasher().Sum([]byte("ada")) == a {
		t.Error("two keys make one hash")
	}
	if s := fmt.Sprintf("%v %s %x %+v", k, k, k, k); bytes.Contains([]byte(s), []byte("010203")) {
		t.Errorf("the key is printed: %s", s)
	}
}

// TestDistinct adds numbers often enough that parts are looked through while they are filled, and few enough times that they grow.
func TestDistinct(t *testing.T) {
	t.Parallel()
	r, want, d, c := rand.New(rand.NewPCG(4, 4)), map[uint64]bool{}, Distinct{}, NewCollector(none)
	var e, direct Estimate
	for range 100_000 {
		v := r.Uint64N(30_000)*0x9e3779b97f4a7c15 + 1
		d.Add(v, Hash(v))
		want[v] = true
		direct.Add(v)
	}
	d.Add(2, 0)
	d.End()
	if err := d.Collect(c); err != nil {
		t.Fatal(err)
	}
	want[2] = true
	direct.Add(2)
	d.Into(&e)
	if d.Len() != int64(len(want)) || e != direct {
		t.Errorf("%d values, want %d", d.Len(), len(want))
	}
	if most := 48 * len(want); d.Bytes() > most {
		t.Errorf("%d bytes, want at most %d", d.Bytes(), most)
	}
	fresh := collected(t, c)
	slices.Sort(fresh)
	if n := len(fresh); n != len(want)-1 || len(slices.Compact(fresh)) != n || slices.ContainsFunc(fresh, func(h Hash) bool { return !want[uint64(h)] }) {
		t.Errorf("%d hashes are new, want each of %d once", n, len(want)-1)
	}
	d.Reset()
	d.Add(7, 7)
	d.End()
	if err := d.Collect(c); err != nil || d.Len() != 1 || len(collected(t, c)) != 1 {
		t.Errorf("something is left after a reset, error %v", err)
	}
	seen := map[uint64]bool{}
	for tenant := range uint64(100) {
		for value := range uint64(100) {
			seen[Mix(value<<32, tenant<<40)] = true
		}
	}
	if len(seen) != 10_000 {
		t.Errorf("10,000 mixtures are %d", len(seen))
	}
}

// collected is what a collector has, and empties it.
func collected(t *testing.T, c *Collector) []Hash {
	t.Helper()
	var all []Hash
	for at := range c.parts {
		all = append(all, c.parts[at][:c.used[at]]...)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	return all
}

// TestEstimateIsWithinItsError measures the standard error over many estimates of several sizes.
func TestEstimateIsWithinItsError(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{10, 1000, 20_000, 50_000, 300_000} {
		sum := 0.0
		const rounds = 12
		for range rounds {
			var e Estimate
			for range n {
				e.Add(r.Uint64())
			}
			off := float64(e.Count()-int64(n)) / float64(n)
			sum += off * off
		}
		if got := sum / rounds; got > 4*EstimateError*EstimateError {
			t.Errorf("%d values: the squared error is %.6f, want about %.6f", n, got, EstimateError*EstimateError)
		}
	}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func BenchmarkCollect(b *testing.B) {
	in := random(1_000_000, 7)
	fs := &files{dir: b.TempDir()}
	for b.Loop() {
		c := NewCollector(fs.make)
		for part := range slices.Chunk(in, 1024) {
			_ = c.Add(part)
		}
		if err := errors.Join(c.Encode(io.Discard, nil), c.Close()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/hash")
}
