#include "textflag.h"

// Registers of outlineBlock:
//
//	Y15 a space, which is 0x20  Y14 'a'  Y13 25  Y12 0x0f  Y11 ','  Y10 'd'  Y9 the kinds of marks  Y8 zeros
//	Y7  kinds by their low four bits  Y6 by their high four  Y0, Y1 the block, Y2-Y5 scratch

// PUT stores the highest bits of two registers.
#define PUT(first, second, field) \
	VPMOVMSKB first, AX;  \
	VPMOVMSKB second, BX; \
	SHLQ      $32, BX;    \
	ORQ       BX, AX;     \
	MOVQ      AX, field(DI)

// PUTNOT stores what is not set.
#define PUTNOT(first, second, field) \
	VPMOVMSKB first, AX;  \
	VPMOVMSKB second, BX; \
	SHLQ      $32, BX;    \
	ORQ       BX, AX;     \
	NOTQ      AX;         \
	MOVQ      AX, field(DI)

// LETTERS marks those of a block.
#define LETTERS(block, into, scratch) \
	VPOR     Y15, block, into;    \
	VPSUBB   Y14, into, into;     \
	VPMINUB  Y13, into, scratch;  \
	VPCMPEQB into, scratch, into

// JOINS marks commas and each 'd'.
#define JOINS(block, into, scratch) \
	VPCMPEQB Y11, block, into;    \
	VPCMPEQB Y10, block, scratch; \
	VPOR     into, scratch, into

// KINDS looks up the kinds of bytes.
#define KINDS(block, into, scratch) \
	VPAND    Y12, block, into;      \
	VPSHUFB  into, Y7, into;        \
	VPSRLW   $4, block, scratch;    \
	VPAND    Y12, scratch, scratch; \
	VPSHUFB  scratch, Y6, scratch;  \
	VPAND    into, scratch, into

// func outlineBlock(text *[80]byte, o *outline, k *outlineTables)
TEXT ·outlineBlock(SB), NOSPLIT, $0-24
	MOVQ text+0(FP), SI
	MOVQ o+8(FP), DI
	MOVQ k+16(FP), DX
	VBROADCASTI128 0(DX), Y7
	VBROADCASTI128 16(DX), Y6
	VPBROADCASTB 32(DX), Y15
	VPBROADCASTB 33(DX), Y14
	VPBROADCASTB 34(DX), Y13
	VPBROADCASTB 35(DX), Y12
	VPBROADCASTB 36(DX), Y11
	VPBROADCASTB 37(DX), Y10
	VPBROADCASTB 38(DX), Y9
	VPXOR   Y8, Y8, Y8
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	PUT(Y0, Y1, 16) // wide
	LETTERS(Y0, Y2, Y3)
	LETTERS(Y1, Y4, Y5)
	PUT(Y2, Y4, 0)
	VPSLLW $2, Y0, Y3
	VPSLLW $2, Y1, Y5
	VPANDN Y2, Y3, Y3
	VPANDN Y4, Y5, Y5
	PUT(Y3, Y5, 8) // capitals
	VPCMPEQB Y15, Y0, Y2
	VPCMPEQB Y15, Y1, Y4
	PUT(Y2, Y4, 24) // spaces
	JOINS(Y0, Y2, Y3)
	JOINS(Y1, Y4, Y5)
	PUT(Y2, Y4, 48)
	KINDS(Y0, Y2, Y3)
	KINDS(Y1, Y4, Y5)
	VPAND    Y9, Y2, Y3
	VPAND    Y9, Y4, Y5
	VPCMPEQB Y8, Y3, Y3
	VPCMPEQB Y8, Y5, Y5
	PUTNOT(Y3, Y5, 40) // marks
	VPCMPEQB Y8, Y2, Y2
	VPCMPEQB Y8, Y4, Y4
	VPANDN   Y2, Y0, Y2
	VPANDN   Y4, Y1, Y4
	PUTNOT(Y2, Y4, 32) // others, also those that are wide
	VZEROUPPER
	RET
