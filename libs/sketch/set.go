package sketch

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	inMemory   = 1 << 20 // hashes that are kept in memory; more are in a temporary file
	filterBits = 16      // of the filter for each hash
	maxFilter  = 64 << 20 / 8
	groupSize  = 64 // hashes that are looked through for one that the filter lets pass, about
)

// Set answers whether values are in a sketch. A filter of two bytes for each hash, and never more than 64 MiB, says of
// 199 in 200 candidates that they are not; the others are looked for in the sorted hashes, up to a million in memory
// and beyond in a temporary file. Above 33 million hashes the filter gets worse with each, and time takes the place of
// memory. It is safe for concurrent use.
type Set struct {
	sealed []byte
	filter []uint64 // a power of two words, of which each hash has four bits in one
	shift  int
	counts [Kinds]int64
	exact  io.ReaderAt
	file   File
	starts []uint32 // by first bits: where its hashes begin, and at the end their number
	bits   int
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
	words, bits := 1, 0
	for int64(words)*64 < most*filterBits && words < maxFilter {
		words <<= 1
	}
	for int64(1)<<bits*groupSize < most && bits < 20 {
		bits++
	}
	s.filter, s.bits, s.starts = make([]uint64, words), bits, make([]uint32, 1<<bits+1)
	s.shift = 64
	for w := words; w > 1; w >>= 1 {
		s.shift--
	}
	if err := s.fill(d, most, temp); err != nil {
		return nil, err
	}
	return s, nil
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
		word, mask := s.bitsOf(h)
		s.filter[word] |= mask
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

// bitsOf are a hash's bits in the filter: those of the word by its first, those in it by its last in front of the kind.
func (s *Set) bitsOf(h Hash) (word uint64, mask uint64) {
	return uint64(h) >> s.shift, 1<<(h>>4&63) | 1<<(h>>10&63) | 1<<(h>>16&63) | 1<<(h>>22&63)
}

func (s *Set) group(h Hash) int { return int(uint64(h) >> (64 - s.bits)) }

// Has reports whether a value is in the sketch. An error is the temporary file's.
func (s *Set) Has(h Hash) (bool, error) {
	if word, mask := s.bitsOf(h); s.filter[word]&mask != mask {
		return false, nil
	}
	return s.find(h)
}

// Among appends to found those of the hashes that are in the sketch. What they need of the filter comes into the
// processor's cache for many at a time: one after the other, each would wait for memory.
func (s *Set) Among(hashes, found []Hash) ([]Hash, error) {
	var words [64]uint64
	for len(hashes) > 0 {
		some := hashes[:min(len(hashes), len(words))]
		hashes = hashes[len(some):]
		for i, h := range some {
			words[i] = s.filter[uint64(h)>>s.shift]
		}
		for i, h := range some {
			if _, mask := s.bitsOf(h); words[i]&mask != mask {
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
