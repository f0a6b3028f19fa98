package spare

// blockBytes is small beside a chunk of a column, and large enough to be written on its own.
const blockBytes = 64 << 10

// Blocks is memory for Bytes, all of one size: chunks are as long as they turn out to be, and what one gives back serves
// any other. The zero value is empty and ready; it is safe for concurrent use.
type Blocks struct{ free List[[]byte] }

// Bytes grow at their end, without a copy of what is there. They are for one goroutine.
type Bytes struct {
	blocks *Blocks
	parts  [][]byte
	length int64
}

// New returns empty Bytes. A nil *Blocks is allowed, whose memory nobody uses again.
func (b *Blocks) New() *Bytes { return &Bytes{blocks: b} }

// Append appends a copy of p.
func (b *Bytes) Append(p []byte) {
	b.length += int64(len(p))
	for len(p) > 0 {
		last := len(b.parts) - 1
		if last < 0 || len(b.parts[last]) == blockBytes {
			b.parts = append(b.parts, b.blocks.take())
			last++
		}
		part := b.parts[last]
		n := copy(part[len(part):blockBytes], p)
		b.parts[last] = part[:len(part)+n]
		p = p[n:]
	}
}

func (b *Blocks) take() []byte {
	if b != nil {
		if block, ok := b.free.Take(); ok {
			return block
		}
	}
	return make([]byte, 0, blockBytes)
}

// Len is how many bytes there are.
func (b *Bytes) Len() int64 { return b.length }

// Parts are the bytes in order, good until Release.
func (b *Bytes) Parts() [][]byte { return b.parts }

// Release gives the memory back. It may be called again.
func (b *Bytes) Release() {
	if b.blocks != nil {
		for _, part := range b.parts {
			b.blocks.free.Give(part[:0])
		}
	}
	b.parts, b.length = nil, 0
}
