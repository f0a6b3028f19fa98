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
	var all, room []Hash
	for at := range c.parts {
		if all, err = c.gather(at, all[:0]); err != nil {
			return err
		}
		all, room = order(all, room)
		if err := e.append(all); err != nil {
			return err
		}
	}
	return e.close()
}

// gather appends what begins with a byte.
func (c *Collector) gather(at int, to []Hash) ([]Hash, error) {
	to = append(to, c.parts[at][:c.used[at]]...)
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

// order sorts hashes that share their first byte and leaves each there once. They are spread evenly, so the bits behind
// put each near its place, and the rest is a few steps. room is of use for the next call.
func order(hashes, room []Hash) (sorted, free []Hash) {
	size := 0 // bits
	for len(hashes)>>size > 4 {
		size++
	}
	from := 56 - size
	next := make([]int32, 1<<size+1)
	group := func(h Hash) int { return int(h << 8 >> 8 >> from) }
	for _, h := range hashes {
		next[group(h)+1]++
	}
	for i := range 1 << size {
		next[i+1] += next[i]
	}
	room = slices.Grow(room[:0], len(hashes))[:len(hashes)]
	for _, h := range hashes {
		at := &next[group(h)]
		room[*at] = h
		*at++
	}
	for i := 1; i < len(room); i++ {
		h, j := room[i], i
		for ; j > 0 && room[j-1] > h; j-- {
			room[j] = room[j-1]
		}
		room[j] = h
	}
	return slices.Compact(room), hashes
}
