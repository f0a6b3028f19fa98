#include "textflag.h"

// The SHA extensions keep a chaining value as ABEF and CDGH and do two rounds in four cycles, of which an instruction of
// the other hash can use three. Registers, of the first and the second hash:
//
//	X1, X7        ABEF
//	X2, X8        CDGH
//	X3-X6, X9-X12 the last sixteen words of the message schedule
//	X0            two words and their constants, as SHA256RNDS2 wants it
//	X13, X14      scratch, of the first and the second hash

// ROUNDS4 does four rounds with the words of m and n, which stand in both hashes.
#define ROUNDS4(k, m, n) \
	MOVOU       k(AX), X13;      \
	MOVO        X13, X14;        \
	PADDD       m, X13;          \
	PADDD       n, X14;          \
	MOVO        X13, X0;         \
	SHA256RNDS2 X0, X1, X2;      \
	MOVO        X14, X0;         \
	SHA256RNDS2 X0, X7, X8;      \
	PSHUFD      $0x0e, X13, X0;  \
	SHA256RNDS2 X0, X2, X1;      \
	PSHUFD      $0x0e, X14, X0;  \
	SHA256RNDS2 X0, X8, X7

// NEXT4 makes the words that follow those of m, of which those of l are the ones before.
#define NEXT4(l, m, next, scratch) \
	MOVO       m, scratch;         \
	PALIGNR    $4, l, scratch;     \
	PADDD      scratch, next;      \
	SHA256MSG2 m, next

#define EXTEND(l, m, next, l2, m2, next2) \
	NEXT4(l, m, next, X13); \
	NEXT4(l2, m2, next2, X14)

// BEGIN4 begins with the words that will replace those of l; m are the ones after l.
#define BEGIN4(l, m, l2, m2) \
	SHA256MSG1 m, l; \
	SHA256MSG1 m2, l2

// LOAD reads a chaining value, words ABCD and EFGH.
#define LOAD(at, abef, cdgh, scratch) \
	MOVOU   at(DI), scratch;          \
	MOVOU   (at+16)(DI), cdgh;        \
	PSHUFD  $0xb1, scratch, scratch;  \
	PSHUFD  $0x1b, cdgh, cdgh;        \
	MOVO    scratch, abef;            \
	PALIGNR $8, cdgh, abef;           \
	PBLENDW $0xf0, scratch, cdgh

// ADD adds to the chaining value that was read.
#define ADD(at, abef, cdgh, scratch) \
	PSHUFD  $0x1b, abef, scratch;    \
	PSHUFD  $0xb1, cdgh, cdgh;       \
	MOVO    scratch, abef;           \
	PBLENDW $0xf0, cdgh, abef;       \
	PALIGNR $8, scratch, cdgh;       \
	MOVOU   at(DI), scratch;         \
	PADDD   scratch, abef;           \
	MOVOU   (at+16)(DI), scratch;    \
	PADDD   scratch, cdgh;           \
	MOVOU   abef, at(DI);            \
	MOVOU   cdgh, (at+16)(DI)

// MESSAGE reads sixteen bytes as four words, big endian.
#define MESSAGE(at, words) \
	MOVOU  at(SI), words; \
	PSHUFB X0, words

// func compress(states *[4]state, blocks *[2][64]byte, twice bool)
TEXT ·compress(SB), NOSPLIT, $0-17
	MOVQ    states+0(FP), DI
	MOVQ    blocks+8(FP), SI
	MOVBLZX twice+16(FP), CX
	LEAQ    constants<>(SB), AX

	MOVOU bigEndian<>(SB), X0
	MESSAGE(0, X3)
	MESSAGE(16, X4)
	MESSAGE(32, X5)
	MESSAGE(48, X6)
	MESSAGE(64, X9)
	MESSAGE(80, X10)
	MESSAGE(96, X11)
	MESSAGE(112, X12)

again:
	LOAD(0, X1, X2, X13)
	LOAD(32, X7, X8, X14)

	ROUNDS4(0, X3, X9)
	ROUNDS4(16, X4, X10)
	BEGIN4(X3, X4, X9, X10)
	ROUNDS4(32, X5, X11)
	BEGIN4(X4, X5, X10, X11)
	ROUNDS4(48, X6, X12)
	EXTEND(X5, X6, X3, X11, X12, X9)
	BEGIN4(X5, X6, X11, X12)
	ROUNDS4(64, X3, X9)
	EXTEND(X6, X3, X4, X12, X9, X10)
	BEGIN4(X6, X3, X12, X9)
	ROUNDS4(80, X4, X10)
	EXTEND(X3, X4, X5, X9, X10, X11)
	BEGIN4(X3, X4, X9, X10)
	ROUNDS4(96, X5, X11)
	EXTEND(X4, X5, X6, X10, X11, X12)
	BEGIN4(X4, X5, X10, X11)
	ROUNDS4(112, X6, X12)
	EXTEND(X5, X6, X3, X11, X12, X9)
	BEGIN4(X5, X6, X11, X12)
	ROUNDS4(128, X3, X9)
	EXTEND(X6, X3, X4, X12, X9, X10)
	BEGIN4(X6, X3, X12, X9)
	ROUNDS4(144, X4, X10)
	EXTEND(X3, X4, X5, X9, X10, X11)
	BEGIN4(X3, X4, X9, X10)
	ROUNDS4(160, X5, X11)
	EXTEND(X4, X5, X6, X10, X11, X12)
	BEGIN4(X4, X5, X10, X11)
	ROUNDS4(176, X6, X12)
	EXTEND(X5, X6, X3, X11, X12, X9)
	BEGIN4(X5, X6, X11, X12)
	ROUNDS4(192, X3, X9)
	EXTEND(X6, X3, X4, X12, X9, X10)
	BEGIN4(X6, X3, X12, X9)
	ROUNDS4(208, X4, X10)
	EXTEND(X3, X4, X5, X9, X10, X11)
	ROUNDS4(224, X5, X11)
	EXTEND(X4, X5, X6, X10, X11, X12)
	ROUNDS4(240, X6, X12)

	ADD(0, X1, X2, X13)
	ADD(32, X7, X8, X14)
	TESTL CX, CX
	JZ    done

	// What was just added is the first half of a message, whose other half is always the same.
	XORL  CX, CX
	ADDQ  $64, DI
	MOVO  X1, X3
	MOVO  X2, X4
	MOVOU digestEnd<>+0(SB), X5
	MOVOU digestEnd<>+16(SB), X6
	MOVO  X7, X9
	MOVO  X8, X10
	MOVO  X5, X11
	MOVO  X6, X12
	JMP   again

done:
	RET

// The end of a block of 32 bytes that has another before it: a bit, and 96 bytes in bits.
DATA digestEnd<>+0(SB)/8, $0x0000000080000000
DATA digestEnd<>+8(SB)/8, $0
DATA digestEnd<>+16(SB)/8, $0
DATA digestEnd<>+24(SB)/8, $0x0000030000000000
GLOBL digestEnd<>(SB), RODATA|NOPTR, $32

DATA bigEndian<>+0(SB)/8, $0x0405060700010203
DATA bigEndian<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL bigEndian<>(SB), RODATA|NOPTR, $16

DATA constants<>+0(SB)/8, $0x71374491428a2f98
DATA constants<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA constants<>+16(SB)/8, $0x59f111f13956c25b
DATA constants<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA constants<>+32(SB)/8, $0x12835b01d807aa98
DATA constants<>+40(SB)/8, $0x550c7dc3243185be
DATA constants<>+48(SB)/8, $0x80deb1fe72be5d74
DATA constants<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA constants<>+64(SB)/8, $0xefbe4786e49b69c1
DATA constants<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA constants<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA constants<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA constants<>+96(SB)/8, $0xa831c66d983e5152
DATA constants<>+104(SB)/8, $0xbf597fc7b00327c8
DATA constants<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA constants<>+120(SB)/8, $0x1429296706ca6351
DATA constants<>+128(SB)/8, $0x2e1b213827b70a85
DATA constants<>+136(SB)/8, $0x53380d134d2c6dfc
DATA constants<>+144(SB)/8, $0x766a0abb650a7354
DATA constants<>+152(SB)/8, $0x92722c8581c2c92e
DATA constants<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA constants<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA constants<>+176(SB)/8, $0xd6990624d192e819
DATA constants<>+184(SB)/8, $0x106aa070f40e3585
DATA constants<>+192(SB)/8, $0x1e376c0819a4c116
DATA constants<>+200(SB)/8, $0x34b0bcb52748774c
DATA constants<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA constants<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA constants<>+224(SB)/8, $0x78a5636f748f82ee
DATA constants<>+232(SB)/8, $0x8cc7020884c87814
DATA constants<>+240(SB)/8, $0xa4506ceb90befffa
DATA constants<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL constants<>(SB), RODATA|NOPTR, $256
