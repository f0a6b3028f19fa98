#include "textflag.h"

// FIT fills y with the lowest byte of AX, in lower case, and takes it from AX.
#define FIT(x, y) \
	MOVQ         AX, x; \
	VPBROADCASTB x, y;  \
	SHRL         $8, AX

// func nextFit(text *byte, places, last int, fit uint32) int
TEXT ·nextFit(SB), NOSPLIT, $0-40
	MOVQ text+0(FP), SI
	MOVQ places+8(FP), CX
	MOVQ last+16(FP), DX
	MOVL fit+24(FP), AX
	FIT(X1, Y1)
	FIT(X2, Y2)
	FIT(X3, Y3)
	MOVL $0x20, BX
	MOVQ BX, X0
	VPBROADCASTB X0, Y0
	MOVQ SI, DI
	LEAQ -32(SI)(CX*1), R8 // the last block

block:
	VPOR      (SI), Y0, Y4
	VPOR      1(SI), Y0, Y5
	VPOR      (SI)(DX*1), Y0, Y6
	VPCMPEQB  Y1, Y4, Y4
	VPCMPEQB  Y2, Y5, Y5
	VPCMPEQB  Y3, Y6, Y6
	VPAND     Y5, Y4, Y4
	VPAND     Y6, Y4, Y4
	VPMOVMSKB Y4, AX
	TESTL     AX, AX
	JNE       fits
	ADDQ      $32, SI
	CMPQ      SI, R8
	JLE       block
	LEAQ      32(R8), R9
	CMPQ      SI, R9
	JE        none
	MOVQ      R8, SI // what is left, with places that do not fit
	JMP       block

none:
	VZEROUPPER
	MOVQ $-1, ret+32(FP)
	RET

fits:
	VZEROUPPER
	BSFL AX, AX
	SUBQ DI, SI
	ADDQ SI, AX
	MOVQ AX, ret+32(FP)
	RET
