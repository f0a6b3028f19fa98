// Package siphash is SipHash-2-4 with 128 bit of output, a keyed hash for short inputs: who does not know the key can
// neither foretell nor steer its values. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and
// the authors' reference code for 128 bit.
package siphash

import (
	"encoding/binary"
	"math/bits"
)

// State is the hash of the words taken so far. A copy goes its own way, so what many messages begin with is taken once.
type State struct {
	v0, v1, v2, v3 uint64
	words          int
}

// New is the state before the first word, under a key of 128 bit.
func New(k0, k1 uint64) State {
	return State{
		v0: k0 ^ 0x736f6d6570736575, v1: k1 ^ 0x646f72616e646f6d ^ 0xee,
		v2: k0 ^ 0x6c7967656e657261, v3: k1 ^ 0x7465646279746573,
	}
}

// Word takes eight bytes of the message, in little-endian order.
func (s *State) Word(m uint64) {
	s.v0, s.v1, s.v2, s.v3 = compress(s.v0, s.v1, s.v2, s.v3, m)
	s.words++
}

// Part takes the length of p as a word and then p, filled up with zeros to whole words: no two lists of parts are
// the same words.
func (s *State) Part(p []byte) {
	s.Word(uint64(len(p)))
	for len(p) >= 8 {
		s.Word(binary.LittleEndian.Uint64(p))
		p = p[8:]
	}
	if len(p) > 0 {
		s.Word(tail(p))
	}
}

// Sum is the hash of the message that ends with p; the state stays as it is. The first eight bytes of the reference
// code's output are a, in little-endian order.
func (s *State) Sum(p []byte) (a, b uint64) {
	v0, v1, v2, v3 := s.absorb(p)
	a = v0 ^ v1 ^ v2 ^ v3
	v1 ^= 0xdd
	for range 4 {
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
	}
	return a, v0 ^ v1 ^ v2 ^ v3
}

// Sum64 is the first half of Sum, in two thirds of the time.
func (s *State) Sum64(p []byte) uint64 {
	v0, v1, v2, v3 := s.absorb(p)
	return v0 ^ v1 ^ v2 ^ v3
}

// absorb takes the end of a message, and makes the state ready for the first half of the output. It is written out, since
// calls would cost as much as the rounds.
func (s *State) absorb(p []byte) (v0, v1, v2, v3 uint64) {
	v0, v1, v2, v3 = s.v0, s.v1, s.v2, s.v3
	last := s.last(p)
	for ; len(p) >= 8; p = p[8:] {
		m := binary.LittleEndian.Uint64(p)
		v3 ^= m
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0 ^= m
	}
	v3 ^= last
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0 ^= last
	v2 ^= 0xee
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	return v0, v1, v2, v3
}

// last is the last word of a message: what is left of it behind the whole ones, and the length.
func (s *State) last(p []byte) uint64 {
	last := uint64(8*s.words+len(p)) << 56
	if n := len(p); n >= 8 {
		return last | binary.LittleEndian.Uint64(p[n-8:])>>8>>(56-8*(n&7)) // twice: by 64 in all where nothing is left
	}
	return last | tail(p)
}

// tail is up to seven bytes as a word.
func tail(p []byte) (m uint64) {
	for i := len(p) - 1; i >= 0; i-- {
		m = m<<8 | uint64(p[i])
	}
	return m
}

func compress(v0, v1, v2, v3, m uint64) (uint64, uint64, uint64, uint64) {
	v3 ^= m
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	return v0 ^ m, v1, v2, v3
}

func round(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}
