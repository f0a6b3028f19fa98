// Package mac is HMAC-SHA256 (RFC 2104, FIPS 180-4) of many short messages under few keys.
//
// A token is the MAC of a value of some ten bytes, and a file has millions of them. Behind a key that was hashed once,
// such a MAC is two compressions of one block each, of which the second waits for the first, and every pair of rounds
// for the one before. One alone therefore leaves much of a core idle: crypto/hmac needs some 145 ns for it, where the
// instructions of two MACs side by side are done in 100 ns. No public package of the standard library hashes side by
// side, so this one has a compression of two blocks in assembly for processors with the SHA extensions; all others, and
// all other systems, use crypto/hmac. Tests hold the one to the other.
package mac

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Size is the length of a MAC in bytes.
const Size = sha256.Size

const block = sha256.BlockSize

// short is the most bytes of a message that fills one block with its padding: a bit and the length follow it.
const short = block - 1 - 8

// state is a chaining value, or the 32 bytes that it is written as, in words.
type state [8]uint32

var initial = state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// Key is a key of any length; it is hashed once. It is not safe for concurrent use.
type Key struct {
	inner, outer state     // behind the padded key
	plain        hash.Hash // instead of them, where there is no compression of our own
}

// New takes a copy of the secret.
func New(secret []byte) *Key {
	if !fast {
		return &Key{plain: hmac.New(sha256.New, secret)}
	}
	k := &Key{}
	var b lanes
	if len(secret) > block {
		sum := sha256.Sum256(secret)
		secret = sum[:]
	}
	copy(b.blocks[0][:], secret)
	copy(b.blocks[1][:], secret)
	for i := range block {
		b.blocks[0][i] ^= 0x36
		b.blocks[1][i] ^= 0x5c
	}
	b.states = [4]state{initial, initial}
	compress(&b.states, &b.blocks, false)
	k.inner, k.outer = b.states[0], b.states[1]
	return k
}

// Workspace is the memory that Pair and Sum need. The zero value is ready.
type Workspace struct{ lanes }

// lanes are two MACs in work.
type lanes struct {
	states [4]state // two inner hashes, then the outer ones
	blocks [2][block]byte
}

// Sum writes the MAC of a message.
func (k *Key) Sum(w *Workspace, sum *[Size]byte, message []byte) {
	if k.plain != nil {
		k.plain.Reset()
		k.plain.Write(message)
		k.plain.Sum(sum[:0])
		return
	}
	w.states[0] = k.inner
	n := len(message)
	for ; len(message) >= block; message = message[block:] {
		copy(w.blocks[0][:], message)
		compress(&w.states, &w.blocks, false)
	}
	if len(message) > short {
		w.pad(0, message, 0)
		compress(&w.states, &w.blocks, false)
		w.blocks[0] = [block]byte{}
		binary.BigEndian.PutUint64(w.blocks[0][block-8:], uint64(block+n)*8)
	} else {
		w.pad(0, message, n)
	}
	w.states[2] = k.outer
	compress(&w.states, &w.blocks, true)
	w.states[2].put(sum)
}

// Pair writes the MACs of two messages, each under its own key, which may be the same.
func Pair(w *Workspace, keys [2]*Key, sums *[2][Size]byte, a, b []byte) {
	if keys[0].plain != nil || len(a) > short || len(b) > short {
		keys[0].Sum(w, &sums[0], a)
		keys[1].Sum(w, &sums[1], b)
		return
	}
	w.pad(0, a, len(a))
	w.pad(1, b, len(b))
	w.states = [4]state{keys[0].inner, keys[1].inner, keys[0].outer, keys[1].outer}
	compress(&w.states, &w.blocks, true)
	w.states[2].put(&sums[0])
	w.states[3].put(&sums[1])
}

// pad lays out the last block of a message of n bytes behind the key, or the last but one with an n of 0 and without the
// length.
func (w *lanes) pad(lane int, end []byte, n int) {
	b := &w.blocks[lane]
	*b = [block]byte{}
	b[copy(b[:], end)] = 0x80
	if len(end) <= short {
		binary.BigEndian.PutUint64(b[block-8:], uint64(block+n)*8)
	}
}

// put writes the words, big endian.
func (s *state) put(to *[Size]byte) {
	for i := 0; i < len(s); i += 2 {
		binary.BigEndian.PutUint64(to[4*i:], uint64(s[i])<<32|uint64(s[i+1]))
	}
}
