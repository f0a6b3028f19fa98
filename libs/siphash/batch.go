package siphash

import "encoding/binary"

// Batch hashes many short messages that begin at one state. Processors with AVX-512 make sixteen hashes side by side: the
// rounds of one wait for each other, and its message has often just been written byte by byte, for which a processor waits
// as well. It belongs to one goroutine.
type Batch struct {
	start State
	sums  []uint64 // by number of the message, as far as they are known
	n     int
	sizes [batchWords]batchSize // by whole words in front of the last
}

const (
	batchWords = 4  // of messages that are hashed side by side, at most, the last included: 31 bytes
	batchRoom  = 64 // messages with as many words that wait at most; a multiple of lanes
	lanes      = 16 // hashes that are made side by side
)

// batchSize are the messages that wait and have as many words each.
type batchSize struct {
	n       int
	numbers [batchRoom]int32
	words   [batchWords][batchRoom]uint64
}

// NewBatch hashes messages behind a state.
func NewBatch(start State) *Batch { return &Batch{start: start} }

// Add takes a message and returns its number. They count from 0, and from there again behind Sums.
func (b *Batch) Add(message []byte) int {
	number, words := b.n, len(message)/8
	if number == len(b.sums) {
		b.sums = append(b.sums, make([]uint64, max(batchRoom, number))...)
	}
	b.n++
	if words >= batchWords || !fast {
		b.sums[number] = b.start.Sum64(message)
		return number
	}
	s := &b.sizes[words]
	at := s.n & (batchRoom - 1)
	s.numbers[at] = int32(number)
	s.words[words][at] = b.start.last(message)
	for j := 0; len(message) >= 8; j++ {
		s.words[j&(batchWords-1)][at] = binary.LittleEndian.Uint64(message)
		message = message[8:]
	}
	if s.n++; s.n == batchRoom {
		b.settle(s, words+1)
	}
	return number
}

// Len is how many messages there are.
func (b *Batch) Len() int { return b.n }

// Sums is what Sum64 is of each message, by its number. It is valid until the next Add.
func (b *Batch) Sums() []uint64 {
	for words := range b.sizes {
		if s := &b.sizes[words]; s.n > 0 {
			b.settle(s, words+1)
		}
	}
	sums := b.sums[:b.n]
	b.n = 0
	return sums
}

// settle hashes the messages of one size. What lies in lanes that are not in use is hashed for nothing.
func (b *Batch) settle(s *batchSize, words int) {
	var sums [batchRoom]uint64
	sumLanes(&b.start, &s.words, words, (s.n+lanes-1)/lanes, &sums)
	for i, number := range s.numbers[:s.n] {
		b.sums[number] = sums[i]
	}
	s.n = 0
}
