package sketch

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"

	"github.com/maskrail/maskrail/libs/siphash"
)

// KeyBytes is the size of a Key.
const KeyBytes = 16

// Key makes the hashes of one object.
type Key [KeyBytes]byte

// NewKey is a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails, see crypto/rand
	return k
}

// String keeps a key out of every message.
func (Key) String() string { return "[sketch key]" }

// MinLength is the least characters of a canonical form: what is shorter is found everywhere by chance.
const MinLength = 6

// MaxLength is the most bytes of a canonical form.
const MaxLength = 254

// Kind is what a value is. Numbers of each length are a kind of their own.
type Kind uint8

// The kinds. There are Kinds of them.
const (
	Mail Kind = iota
	Word
	Name
	shortest // numbers of MinLength digits
	longest  = Kinds - 1
	Kinds    = 16
)

// Number is the kind of numbers with so many digits; of 18 and more it is one. It is false below MinLength.
func Number(digits int) (Kind, bool) {
	return min(shortest+Kind(digits-MinLength), longest), digits >= MinLength
}

// Digits is how many digits numbers of the kind have, at least; 0 for other kinds.
func (k Kind) Digits() int {
	if k < shortest {
		return 0
	}
	return int(k-shortest) + MinLength
}

func (k Kind) String() string {
	switch k {
	case Mail:
		return "mail address"
	case Word:
		return "id"
	case Name:
		return "full name"
	}
	return "number"
}

// Hash stands for a value; its lowest four bits are the kind.
type Hash uint64

// Kind is the value's.
func (h Hash) Kind() Kind { return Kind(h & (Kinds - 1)) }

// Of is a hash as that of a value of a kind.
func (k Kind) Of(sum uint64) Hash { return Hash(sum&^(Kinds-1)) | Hash(k) }

// Hasher hashes under one key. It is safe for concurrent use.
type Hasher struct{ start siphash.State }

// Hasher is the key's.
func (k Key) Hasher() *Hasher {
	return &Hasher{siphash.New(binary.LittleEndian.Uint64(k[:]), binary.LittleEndian.Uint64(k[8:]))}
}

// Sum is the SipHash-2-4 of a canonical form: what Kind.Of makes a Hash of, and Pair and Triple a name. Two values share
// one by chance with a probability of 2^-64.
func (h *Hasher) Sum(canonical []byte) uint64 { return h.start.Sum64(canonical) }

// Batch hashes many canonical forms as Sum does, side by side. It belongs to one goroutine.
func (h *Hasher) Batch() *siphash.Batch { return siphash.NewBatch(h.start) }

// Pair is a name of two words, of their sums, in any order.
func Pair(a, b uint64) Hash { return Name.Of(fold(a+b, a^b)) }

// Triple is a name of three words, of their sums, in any order.
func Triple(a, b, c uint64) Hash { return Name.Of(fold(a+b+c, a^b^c) ^ 0x9e3779b97f4a7c15) }

// fold is one number of two that nobody can choose.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xc2b2ae3d27d4eb4f)
	return hi ^ lo
}
