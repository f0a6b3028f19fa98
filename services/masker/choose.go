package masker

import (
	"encoding/binary"
	"math/bits"
)

// choose is one of n > 0 numbers, 0 to n-1, each as likely as any other, fixed by key and value. The value has blocks
// of 64 bits without end, the beginning of HMAC-SHA256 of the value and the block's number in four bytes, big endian.
// They are read from block on, and next is the first that was not read. A block B gives the upper half of the product
// B*n, unless the lower half shows that it is one of the 2^64 mod n blocks too many (D. Lemire, "Fast random integer
// generation in an interval", 2019).
func (k *tokenKey) choose(value []byte, n uint64, block uint32) (choice uint64, next uint32) {
	surplus := -n % n // 2^64 mod n
	for {
		k.message = binary.BigEndian.AppendUint32(append(k.message[:0], value...), block)
		k.mac.Sum(&k.work, &k.sum, k.message)
		high, low := bits.Mul64(binary.BigEndian.Uint64(k.sum[:]), n)
		block++
		if low >= surplus {
			return high, block
		}
	}
}
