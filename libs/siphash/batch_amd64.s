#include "textflag.h"

// Sixteen hashes side by side, in the eighths of two registers: Z0 to Z3 are v0 to v3 of the first eight, Z4 to Z7 those of
// the others, Z8 and Z9 their words. Each of the two uses the time in which the other waits for itself.

#define ROUND \
	VPADDQ Z1, Z0, Z0;  \
	VPADDQ Z5, Z4, Z4;  \
	VPADDQ Z3, Z2, Z2;  \
	VPADDQ Z7, Z6, Z6;  \
	VPROLQ $13, Z1, Z1; \
	VPROLQ $13, Z5, Z5; \
	VPROLQ $16, Z3, Z3; \
	VPROLQ $16, Z7, Z7; \
	VPXORQ Z0, Z1, Z1;  \
	VPXORQ Z4, Z5, Z5;  \
	VPROLQ $32, Z0, Z0; \
	VPROLQ $32, Z4, Z4; \
	VPXORQ Z2, Z3, Z3;  \
	VPXORQ Z6, Z7, Z7;  \
	VPADDQ Z3, Z0, Z0;  \
	VPADDQ Z7, Z4, Z4;  \
	VPROLQ $21, Z3, Z3; \
	VPROLQ $21, Z7, Z7; \
	VPADDQ Z1, Z2, Z2;  \
	VPADDQ Z5, Z6, Z6;  \
	VPROLQ $17, Z1, Z1; \
	VPROLQ $17, Z5, Z5; \
	VPXORQ Z0, Z3, Z3;  \
	VPXORQ Z4, Z7, Z7;  \
	VPXORQ Z2, Z1, Z1;  \
	VPXORQ Z6, Z5, Z5;  \
	VPROLQ $32, Z2, Z2; \
	VPROLQ $32, Z6, Z6

// func sumLanes(start *State, messages *[4][64]uint64, words, blocks int, sums *[64]uint64)
TEXT ·sumLanes(SB), NOSPLIT, $0-40
	MOVQ start+0(FP), AX
	MOVQ messages+8(FP), SI
	MOVQ words+16(FP), DX
	MOVQ blocks+24(FP), CX
	MOVQ sums+32(FP), DI

	MOVQ         $0xee, BX
	VPBROADCASTQ BX, Z10

block:
	VPBROADCASTQ 0(AX), Z0
	VPBROADCASTQ 8(AX), Z1
	VPBROADCASTQ 16(AX), Z2
	VPBROADCASTQ 24(AX), Z3
	VMOVDQA64    Z0, Z4
	VMOVDQA64    Z1, Z5
	VMOVDQA64    Z2, Z6
	VMOVDQA64    Z3, Z7
	MOVQ         SI, R8
	MOVQ         DX, BX

word:
	VMOVDQU64 (R8), Z8
	VMOVDQU64 64(R8), Z9
	ADDQ      $512, R8
	VPXORQ    Z8, Z3, Z3
	VPXORQ    Z9, Z7, Z7
	ROUND
	ROUND
	VPXORQ    Z8, Z0, Z0
	VPXORQ    Z9, Z4, Z4
	DECQ      BX
	JNZ       word

	VPXORQ    Z10, Z2, Z2
	VPXORQ    Z10, Z6, Z6
	ROUND
	ROUND
	ROUND
	ROUND
	VPXORQ    Z1, Z0, Z0
	VPXORQ    Z5, Z4, Z4
	VPXORQ    Z3, Z2, Z2
	VPXORQ    Z7, Z6, Z6
	VPXORQ    Z2, Z0, Z0
	VPXORQ    Z6, Z4, Z4
	VMOVDQU64 Z0, (DI)
	VMOVDQU64 Z4, 64(DI)
	ADDQ      $128, SI
	ADDQ      $128, DI
	DECQ      CX
	JNZ       block
	VZEROUPPER
	RET
