package sketch

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
)

const (
	inMemory  = 1 << 20 // hashes that are kept in memory; more are in a temporary file
	groupSize = 64      // hashes that are looked through for one that the filters let pass, about
)

// Bits of the filters for each hash, and their bytes at most.
const (
	nearBits, maxNear = 8, 16 << 20
	farBits, maxFar   = 16, 48 << 20
)

// Set answers whether values are in a sketch. Of a hundred that are not, a filter says so of 97: it has one byte for each
// hash, so that a processor has that of a million in a cache of its own. A second one of two bytes says so of nearly all
// that are left, and the last are looked for in the sorted hashes, up to a million in memory and beyond in a temporary
// file. Both filters have 64 MiB at most: above 16 million hashes they get worse with each, and time takes the place of
// memory. It is safe for concurrent use.
type Set struct {
	sealed    []byte
	near, far filter
	counts    [Kinds]int64
	exact     io.ReaderAt
	file      File
	starts    []uint32 // by first bits: where its hashes begin, and at the end their number
	bits      int
}

// Read reads a sketch of so many bytes. It calls temp at most once. Its errors are ErrMalformed, or operational; the
// caller closes the set.
func Read(r io.Reader, size int64, temp func() (File, error)) (_ *Set, err error) {
	d, sealed, err := newDecoder(r)
	if err != nil {
		return nil, err
	}
	s := &Set{sealed: sealed}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	most := max(size/2, 1) // a hash takes two bytes at least where there are few, and more where there are many
	if most > 1<<12 {
		most = size / 4
	}
	for int64(1)<<s.bits*groupSize < most && s.bits < 20 {
		s.bits++
	}
	s.starts = make([]uint32, 1<<s.bits+1)
	n := about(size)
	s.near, s.far = newFilter(n, nearBits, maxNear), newFilter(n, farBits, maxFar)
	if err := s.fill(d, most, temp); err != nil {
		return nil, err
	}
	return s, nil
}

// about is how many hashes a sketch of so many bytes has: of n that are spread evenly, one in exp(n·2^7b/2^64) is so far from
// the one before that the difference takes more than b bytes.
func about(size int64) int64 {
	n := float64(size)
	for range 4 { // each is far nearer than the one before
		each := 0.0
		for b := range binary.MaxVarintLen64 {
			each += math.Exp(-n * math.Ldexp(1, 7*b-64))
		}
		n = float64(size) / each
	}
	return int64(n)
}

// fill takes all hashes.
func (s *Set) fill(d *decoder, most int64, temp func() (File, error)) error {
	var memory bytes.Buffer
	var to io.Writer = &memory
	if most > inMemory {
		f, err := temp()
		if err != nil {
			return fmt.Errorf("read sketch: %w", err)
		}
		s.file, to = f, f
	}
	out := bufio.NewWriterSize(to, 64<<10)
	for {
		h, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		s.counts[h.Kind()]++
		s.near.add(uint64(h))
		s.far.add(farther(h))
		s.starts[s.group(h)+1]++
		if _, err := out.Write(binary.LittleEndian.AppendUint64(out.AvailableBuffer(), uint64(h))); err != nil {
			return fmt.Errorf("write temporary file: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write temporary file: %w", err)
	}
	for i := range s.starts[1:] {
		s.starts[i+1] += s.starts[i]
	}
	s.exact = bytes.NewReader(memory.Bytes())
	if s.file != nil {
		s.exact = s.file
	}
	return nil
}

// Close removes the temporary file.
func (s *Set) Close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Sealed is the sealed key.
func (s *Set) Sealed() []byte { return s.sealed }

// Count is how many values of a kind there are.
func (s *Set) Count(k Kind) int64 { return s.counts[k] }

// farther is a hash as the second filter takes it: other bits come first.
func farther(h Hash) uint64 { return bits.RotateLeft64(uint64(h)*0x9e3779b97f4a7c15, 32) }

func (s *Set) group(h Hash) int { return int(uint64(h) >> (64 - s.bits)) }

// Among appends to found those of the hashes that are in the sketch. What they need of the filter comes into the
// processor's cache for many at a time: one after the other, each would wait for memory. An error is the temporary file's.
func (s *Set) Among(hashes, found []Hash) ([]Hash, error) {
	var words [64]uint64
	var passed [64]Hash
	for len(hashes) > 0 {
		some := hashes[:min(len(hashes), len(words))]
		hashes = hashes[len(some):]
		for i, h := range some {
			words[i] = s.near[s.near.at(uint64(h))]
		}
		n := 0
		for i, h := range some { // nobody could foretell which of them pass, so that is no branch
			passed[n] = h
			n += one(holds(words[i], uint64(h)))
		}
		for _, h := range passed[:n] {
			if !s.far.has(farther(h)) {
				continue
			}
			ok, err := s.find(h)
			if err != nil {
				return found, err
			}
			if ok {
				found = append(found, h)
			}
		}
	}
	return found, nil
}

// find looks for a hash where it would stand.
func (s *Set) find(h Hash) (bool, error) {
	group := s.group(h)
	from, to := int64(s.starts[group])*hashBytes, int64(s.starts[group+1])*hashBytes
	var page [4 * groupSize * hashBytes]byte
	for from < to {
		part := page[:min(to-from, int64(len(page)))]
		if _, err := s.exact.ReadAt(part, from); err != nil {
			return false, fmt.Errorf("read sketch: %w", err)
		}
		for i := 0; i < len(part); i += hashBytes {
			if Hash(binary.LittleEndian.Uint64(part[i:])) == h {
				return true, nil
			}
		}
		from += int64(len(part))
	}
	return false, nil
}
