package sketch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// File is a temporary file, which Close removes. What is written goes to its end.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

const (
	parts     = 256 // by the first byte of a hash
	partRoom  = 4096
	firstRoom = 64 // of a part, which then grows eightfold
	hashBytes = 8
	pageBytes = partRoom * hashBytes
)

// Collector gathers the hashes of an object, in any order and as often as they come. It has 8 MiB for them, and beyond a
// million takes to a temporary file, page by page, each of hashes that begin alike. Encode reads the pages of one
// beginning at a time, a 256th of all, so memory stays below 16 MiB up to 250 million hashes, repeated ones included.
// It is safe for concurrent use.
type Collector struct {
	temp func() (File, error)

	mu    sync.Mutex
	parts [parts][]Hash
	used  [parts]int     // of the parts
	pages [parts][]int64 // in the file, by number
	file  File
	filed int64
}

// NewCollector is an empty collector. It calls temp at most once, when there are too many hashes for memory.
func NewCollector(temp func() (File, error)) *Collector { return &Collector{temp: temp} }

// Add adds hashes. After an error the collector is of no use.
func (c *Collector) Add(hashes []Hash) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range hashes {
		at := h >> 56
		part, n := c.parts[at], c.used[at]
		if n == len(part) {
			var err error
			if part, n, err = c.room(int(at)); err != nil {
				return err
			}
		}
		part[n] = h
		c.used[at] = n + 1
	}
	return nil
}

// room makes room in a part, and says how much of it is used.
func (c *Collector) room(at int) (part []Hash, used int, err error) {
	part = c.parts[at]
	if len(part) == partRoom {
		return part, 0, c.spill(at)
	}
	c.parts[at] = make([]Hash, max(8*len(part), firstRoom))
	return c.parts[at], copy(c.parts[at], part), nil
}

// spill writes a full part into the file.
func (c *Collector) spill(at int) error {
	if c.file == nil {
		f, err := c.temp()
		if err != nil {
			return fmt.Errorf("sketch: %w", err)
		}
		c.file = f
	}
	var page [pageBytes]byte
	for i, h := range c.parts[at] {
		binary.LittleEndian.PutUint64(page[i*hashBytes:], uint64(h))
	}
	if _, err := c.file.Write(page[:]); err != nil {
		return fmt.Errorf("sketch: write temporary file: %w", err)
	}
	c.pages[at] = append(c.pages[at], c.filed)
	c.filed++
	return nil
}

// Close removes the temporary file and forgets all. The collector can then be used again, with the memory that it has.
func (c *Collector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.pages, c.filed = [parts]int{}, [parts][]int64{}, 0
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}

// Encode writes the sketch, whose key is sealed already. Nothing may be added at the same time.
func (c *Collector) Encode(w io.Writer, sealed []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, err := newEncoder(w, sealed)
	if err != nil {
		return err
	}
	var all []Hash
	var o orderer
	for at := range c.parts {
		part := c.parts[at][:c.used[at]]
		if len(c.pages[at]) > 0 {
			if all, err = c.gather(at, append(all[:0], part...)); err != nil {
				return err
			}
			part = all
		}
		if err := e.append(o.order(part)); err != nil {
			return err
		}
	}
	return e.close()
}

// gather appends what begins with a byte and is in the file.
func (c *Collector) gather(at int, to []Hash) ([]Hash, error) {
	var page [pageBytes]byte
	for _, n := range c.pages[at] {
		if _, err := c.file.ReadAt(page[:], n*pageBytes); err != nil && !errors.Is(err, io.EOF) {
			return to, fmt.Errorf("sketch: read temporary file: %w", err)
		}
		for i := range partRoom {
			to = append(to, Hash(binary.LittleEndian.Uint64(page[i*hashBytes:])))
		}
	}
	return to, nil
}

// orderer sorts hashes that share their first byte. It keeps its memory.
type orderer struct {
	next   []int32
	sorted []Hash
}

// maxOrder is how many bits put a hash near its place, at most: what is counted by them stays in the processor's first cache.
const maxOrder = 12

// order returns the hashes in order and each once, until the next call. They are spread evenly, so the bits behind the first
// byte put each near its place, and the rest is a few steps.
func (o *orderer) order(hashes []Hash) []Hash {
	size := 0 // bits
	for len(hashes)>>size > 1 && size < maxOrder {
		size++
	}
	from := 56 - size
	o.next = slices.Grow(o.next[:0], 1<<size+1)[:1<<size+1]
	clear(o.next)
	mask := Hash(1<<size - 1)
	for _, h := range hashes {
		o.next[h>>from&mask+1]++
	}
	for i := range 1 << size {
		o.next[i+1] += o.next[i]
	}
	o.sorted = slices.Grow(o.sorted[:0], len(hashes))[:len(hashes)]
	for _, h := range hashes {
		at := &o.next[h>>from&mask]
		o.sorted[*at] = h
		*at++
	}
	for i := 1; i < len(o.sorted); i++ {
		h, j := o.sorted[i], i
		for ; j > 0 && o.sorted[j-1] > h; j-- {
			o.sorted[j] = o.sorted[j-1]
		}
		o.sorted[j] = h
	}
	return slices.Compact(o.sorted)
}
