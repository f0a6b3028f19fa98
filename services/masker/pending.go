package masker

import (
	"encoding/binary"
	"slices"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/ff1"
	"github.com/maskrail/maskrail/services/masker/internal/mac"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

// deferred is a rewriter whose texts get some of their bytes later, when there are enough of them: a processor makes
// several side by side in little more time than one alone.
type deferred interface {
	rewriter
	// lay appends what rewrite does, but for bytes that pending.settle is to write. All of the text is the rewriter's own,
	// nothing is left of the value. An error is no *fault. It tells the scratch the canonical form that it has made.
	lay(s *scratch, at place, dst, value []byte) ([]byte, error)
}

// tells reports that an operator masks every value of its column by a deferred rewriter, and tells of numbers that they are
// some.
func tells(o operator) bool {
	t, ok := o.(text)
	if !ok {
		return false
	}
	if r, ok := t.rewriter.(*textToken); ok {
		return r.form != policy.PhoneForm
	}
	_, ok = t.rewriter.(deferred)
	return ok
}

// How many tokens wait at most.
const (
	maxToSign    = 16 // an even number, see mac.Pair
	maxToPermute = 8  // see ff1.EncryptDigits
)

// pending are the tokens of one buffer that have their room there and are still to be made. The zero value is ready.
type pending struct {
	forms     []byte // the canonical values to be signed, one behind the other
	toSign    []toSign
	toPermute []toPermute
	lanes     []ff1.Lane // of what is to be permuted
	work      mac.Workspace
	sums      [2][mac.Size]byte
}

// toSign is a token that is made of a MAC.
type toSign struct {
	key      *mac.Key
	from, to int // of the canonical value in forms
	at       int // in the buffer
	length   int // of its base32; 0 for a UUID
}

// toPermute is a token whose digits are still those of the value.
type toPermute struct {
	shape    *surrogate.Shape
	from, to int // of the digits in the buffer
}

// sign leaves room for a token behind dst: of the canonical value that begins at from in forms.
func (p *pending) sign(dst []byte, key *mac.Key, from, length int) []byte {
	p.toSign = append(p.toSign, toSign{key, from, len(p.forms), len(dst), length})
	if length == 0 {
		length = surrogate.UUIDRoom
	}
	return slices.Grow(dst, length)[:len(dst)+length]
}

// permute appends a token of digits, false when they make none of the shape.
func (p *pending) permute(dst []byte, c *ff1.Cipher, shape *surrogate.Shape, digits []byte) ([]byte, bool) {
	dst, from, ok := shape.Lay(dst, digits)
	if ok {
		p.lanes = append(p.lanes, ff1.Lane{Cipher: c})
		p.toPermute = append(p.toPermute, toPermute{shape, from, len(dst)})
	}
	return dst, ok
}

// full says that it is time to settle.
func (p *pending) full() bool { return len(p.toSign) >= maxToSign || len(p.lanes) >= maxToPermute }

// settle makes the tokens, which stand in dst.
func (p *pending) settle(dst []byte) error {
	defer p.forget()
	for todo := p.toSign; len(todo) > 0; {
		a := &todo[0]
		if len(todo) == 1 {
			a.key.Sum(&p.work, &p.sums[0], p.forms[a.from:a.to])
			a.put(dst, &p.sums[0])
			break
		}
		b := &todo[1]
		mac.Pair(&p.work, [2]*mac.Key{a.key, b.key}, &p.sums, p.forms[a.from:a.to], p.forms[b.from:b.to])
		a.put(dst, &p.sums[0])
		b.put(dst, &p.sums[1])
		todo = todo[2:]
	}
	if len(p.lanes) == 0 {
		return nil
	}
	for i, c := range p.toPermute {
		p.lanes[i].Text = dst[c.from:c.to]
	}
	if err := ff1.EncryptDigits(p.lanes); err != nil {
		return err
	}
	for _, c := range p.toPermute {
		c.shape.Finish(dst[:c.to], c.from)
	}
	return nil
}

// forget gives up what is pending.
func (p *pending) forget() {
	p.forms, p.toSign, p.lanes, p.toPermute = p.forms[:0], p.toSign[:0], p.lanes[:0], p.toPermute[:0]
}

// settle makes the tokens of what a deferred rewriter has laid out.
func (s *scratch) settle(dst []byte, err error) ([]byte, error) {
	if err != nil {
		s.pending.forget()
		return dst, err
	}
	return dst, s.pending.settle(dst)
}

func (u *toSign) put(dst []byte, sum *[mac.Size]byte) {
	if u.length == 0 {
		surrogate.AppendUUID(dst[:u.at], [surrogate.UUIDBytes]byte(sum[:surrogate.UUIDBytes]))
		return
	}
	to, from := dst[u.at:u.at+u.length], sum[:]
	for ; len(to) >= 8; to, from = to[8:], from[5:] {
		binary.BigEndian.PutUint64(to, letters(binary.BigEndian.Uint64(from)>>24))
	}
	for i, last := 0, letters(binary.BigEndian.Uint64(from)>>24); i < len(to); i++ {
		to[i] = byte(last >> (56 - 8*i))
	}
}

// letters is the eight characters of 40 bits in base32 of RFC 4648 in lower case, the first in the highest byte. It looks
// nothing up, and has no branch that would depend on the token.
func letters(x uint64) uint64 {
	const ones = 0x0101010101010101
	x = x>>20<<32 | x&(1<<20-1)
	x = (x & 0x000ffc00_000ffc00 << 6) | x&0x000003ff_000003ff
	x = (x & 0x03e003e0_03e003e0 << 3) | x&0x001f001f_001f001f
	digit := (x + (128-26)*ones) >> 7 & ones // 1 where a byte is 26 to 31
	return x + 'a'*ones - digit*('a'-('2'-26))
}
