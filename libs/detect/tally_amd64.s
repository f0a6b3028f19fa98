#include "textflag.h"

// Registers of tallyBlocks:
//
//	Y15 '0'  Y14 9  Y13 0x0f  Y12 the signs by their low four bits  Y11 0x20
//	Y10 'a'  Y9  25 Y8  kinds of letters by their low four bits  Y7 by their high four
//	Y6  "dot" was seen  Y0 the block, Y1-Y5 scratch
//	R8 digits  R9 signs  R10 wide  R11 the last block's marks  R12 its last letter  R13 runs  R15 tables

// BYTES fills a register with a byte.
#define BYTES(c, x, y) \
	MOVL         $c, AX; \
	MOVQ         AX, x;  \
	VPBROADCASTB x, y

// func tallyBlocks(text *byte, blocks int, t *blockTally, k *blockTables)
TEXT ·tallyBlocks(SB), NOSPLIT, $0-32
	MOVQ text+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ t+16(FP), DI
	MOVQ k+24(FP), R15
	BYTES(0x30, X15, Y15)
	BYTES(9, X14, Y14)
	BYTES(0x0f, X13, Y13)
	BYTES(0x20, X11, Y11)
	BYTES(0x61, X10, Y10)
	BYTES(25, X9, Y9)
	VBROADCASTI128 0(R15), Y12
	VBROADCASTI128 16(R15), Y8
	VBROADCASTI128 32(R15), Y7
	VPXOR Y6, Y6, Y6
	MOVQ  0(DI), R8
	MOVQ  8(DI), R9
	MOVQ  16(DI), R10
	MOVQ  24(DI), R11
	MOVQ  32(DI), R12
	MOVQ  40(DI), R13

block:
	VMOVDQU (SI), Y0
	// '0' to '9'
	VPSUBB    Y15, Y0, Y1
	VPMINUB   Y14, Y1, Y2
	VPCMPEQB  Y1, Y2, Y1
	VPMOVMSKB Y1, DX
	POPCNTL   DX, AX
	ADDQ      AX, R8
	// Signs: the one that has the byte's low four bits is the byte.
	VPAND    Y13, Y0, Y1
	VPSHUFB  Y1, Y12, Y2
	VPCMPEQB Y0, Y2, Y2
	VPMOVMSKB Y2, AX
	POPCNTL   AX, AX
	ADDQ      AX, R9
	// Outside ASCII.
	VPMOVMSKB Y0, BX
	POPCNTL   BX, AX
	ADDQ      AX, R10
	ORQ       BX, DX
	// Letters, and which of them begin a word.
	VPOR      Y11, Y0, Y3
	VPSUBB    Y10, Y3, Y4
	VPMINUB   Y9, Y4, Y5
	VPCMPEQB  Y4, Y5, Y4
	VPMOVMSKB Y4, AX
	LEAQ      (R12)(AX*2), BX
	NOTQ      BX
	ANDQ      AX, BX
	MOVQ      AX, R12
	SHRQ      $31, R12
	// Kinds of letters.
	VPAND     Y13, Y3, Y1
	VPSHUFB   Y1, Y8, Y1
	VPSRLW    $4, Y3, Y2
	VPAND     Y13, Y2, Y2
	VPSHUFB   Y2, Y7, Y2
	VPAND     Y2, Y1, Y1
	VPSLLW    $7, Y1, Y4
	VPSLLW    $6, Y1, Y5
	VPOR      Y4, Y5, Y4
	VPMOVMSKB Y4, R14
	ANDQ      R14, BX          // a word that is no number's begins
	VPSLLW    $5, Y1, Y4
	VPSLLW    $4, Y1, Y5
	VPOR      Y4, Y5, Y4
	VPMOVMSKB Y4, R14
	ORQ       R14, BX          // a letter that no number has
	ORQ       DX, BX           // digits, and what is outside ASCII
	// The last block's marks and these: a run of 33 without any, which is in two blocks.
	MOVQ BX, AX
	SHLQ $32, AX
	ORQ  R11, AX
	MOVQ BX, R11
	// One has 16 in a row that are aligned, which few blocks have.
	MOVQ  $0x0001000100010001, DX
	MOVQ  AX, BX
	SUBQ  DX, BX
	NOTQ  AX
	ANDQ  AX, BX
	SHLQ  $15, DX
	TESTQ DX, BX
	JZ    dot
	MOVQ AX, BX
	SHRQ $1, BX
	ANDQ BX, AX
	MOVQ AX, BX
	SHRQ $2, BX
	ANDQ BX, AX
	MOVQ AX, BX
	SHRQ $4, BX
	ANDQ BX, AX
	MOVQ AX, BX
	SHRQ $8, BX
	ANDQ BX, AX
	MOVQ AX, BX
	SHRQ $16, BX
	ANDQ BX, AX
	MOVQ AX, BX
	SHRQ $1, BX
	ANDQ BX, AX
	ORQ  AX, R13
dot:
	// "dot"
	VPBROADCASTB 48(R15), Y1
	VPCMPEQB     Y1, Y3, Y3
	VPOR         1(SI), Y11, Y4
	VPBROADCASTB 49(R15), Y2
	VPCMPEQB     Y2, Y4, Y4
	VPAND        Y3, Y4, Y3
	VPOR         2(SI), Y11, Y4
	VPBROADCASTB 50(R15), Y2
	VPCMPEQB     Y2, Y4, Y4
	VPAND        Y3, Y4, Y3
	VPOR         Y3, Y6, Y6

	ADDQ $32, SI
	DECQ CX
	JNZ  block

	XORQ      AX, AX
	VPTEST    Y6, Y6
	SETNE     AL
	ORQ       AX, R13
	MOVQ      R8, 0(DI)
	MOVQ      R9, 8(DI)
	MOVQ      R10, 16(DI)
	MOVQ      R11, 24(DI)
	MOVQ      R12, 32(DI)
	MOVQ      R13, 40(DI)
	VZEROUPPER
	RET
