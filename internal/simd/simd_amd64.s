#include "textflag.h"

// Every loop goes round eight times, for eight values each, and shifts their bits into AX from above. Vector registers hold eight values of 32 bits or four
// of 64. Go's order of operands is the reverse of Intel's: VPCMPGT b, a, c sets c to a > b.

// NEXT8 shifts the low eight bits of BX into AX.
#define NEXT8 \
	SHRQ $8, AX;  \
	SHLQ $56, BX; \
	ORQ  BX, AX

// SIGNS64 gathers the signs of the values of Y2 and then of Y3 in BX.
#define SIGNS64 \
	VMOVMSKPD Y2, BX; \
	VMOVMSKPD Y3, DX; \
	SHLQ      $4, DX; \
	ORQ       DX, BX

// OUTSIDE64 sets the values of v that are less than Y0 or greater than Y1 to all ones, the others to zero.
#define OUTSIDE64(v) \
	VPCMPGTQ v, Y0, Y4; \
	VPCMPGTQ Y1, v, v;  \
	VPOR     Y4, v, v

// COMPARE32 is the body of a function that sets the bits at which op, PCMPGT or PCMPEQ, holds of b and a.
#define COMPARE32(op) \
	MOVQ a+0(FP), SI;       \
	MOVQ b+8(FP), DI;       \
	MOVL $8, CX;            \
loop:                           \
	VMOVDQU   (DI), Y2;     \
	op        (SI), Y2, Y2; \
	VMOVMSKPS Y2, BX;       \
	NEXT8;                  \
	ADDQ      $32, SI;      \
	ADDQ      $32, DI;      \
	DECL      CX;           \
	JNZ       loop;         \
	VZEROUPPER;             \
	MOVQ AX, ret+16(FP);    \
	RET

// COMPARE64 is COMPARE32 for 64 bits.
#define COMPARE64(op) \
	MOVQ a+0(FP), SI;       \
	MOVQ b+8(FP), DI;       \
	MOVL $8, CX;            \
loop:                           \
	VMOVDQU (DI), Y2;       \
	VMOVDQU 32(DI), Y3;     \
	op      (SI), Y2, Y2;   \
	op      32(SI), Y3, Y3; \
	SIGNS64;                \
	NEXT8;                  \
	ADDQ    $64, SI;        \
	ADDQ    $64, DI;        \
	DECL    CX;             \
	JNZ     loop;           \
	VZEROUPPER;             \
	MOVQ AX, ret+16(FP);    \
	RET

// func inRange32(v *[64]int32, low, high int32) uint64
TEXT ·inRange32(SB), NOSPLIT, $0-24
	MOVQ         v+0(FP), SI
	MOVL         low+8(FP), AX
	MOVL         high+12(FP), BX
	VMOVD        AX, X0
	VMOVD        BX, X1
	VPBROADCASTD X0, Y0
	VPBROADCASTD X1, Y1
	MOVL         $8, CX

loop:
	VMOVDQU   (SI), Y2
	VPCMPGTD  Y2, Y0, Y3
	VPCMPGTD  Y1, Y2, Y2
	VPOR      Y3, Y2, Y2
	VMOVMSKPS Y2, BX
	NEXT8
	ADDQ      $32, SI
	DECL      CX
	JNZ       loop

	NOTQ AX
	VZEROUPPER
	MOVQ AX, ret+16(FP)
	RET

// func inRange64(v *[64]int64, low, high int64) uint64
TEXT ·inRange64(SB), NOSPLIT, $0-32
	MOVQ         v+0(FP), SI
	VPBROADCASTQ low+8(FP), Y0
	VPBROADCASTQ high+16(FP), Y1
	MOVL         $8, CX

loop:
	VMOVDQU (SI), Y2
	VMOVDQU 32(SI), Y3
	OUTSIDE64(Y2)
	OUTSIDE64(Y3)
	SIGNS64
	NEXT8
	ADDQ    $64, SI
	DECL    CX
	JNZ     loop

	NOTQ AX
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET

// func inRange128(v *[64]decimal128.Num, low, high int64) uint64
//
// The low words of two pairs of decimals come out of VPUNPCKLQDQ as 0 2 1 3; VPERMQ puts them in order.
TEXT ·inRange128(SB), NOSPLIT, $0-32
	MOVQ         v+0(FP), SI
	VPBROADCASTQ low+8(FP), Y0
	VPBROADCASTQ high+16(FP), Y1
	MOVL         $8, CX

loop:
	VMOVDQU     (SI), Y2
	VMOVDQU     64(SI), Y3
	VPUNPCKLQDQ 32(SI), Y2, Y2
	VPUNPCKLQDQ 96(SI), Y3, Y3
	VPERMQ      $0xD8, Y2, Y2
	VPERMQ      $0xD8, Y3, Y3
	OUTSIDE64(Y2)
	OUTSIDE64(Y3)
	SIGNS64
	NEXT8
	ADDQ        $128, SI
	DECL        CX
	JNZ         loop

	NOTQ AX
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET

// func less32(a, b *[64]int32) uint64
TEXT ·less32(SB), NOSPLIT, $0-24
	COMPARE32(VPCMPGTD)

// func less64(a, b *[64]int64) uint64
TEXT ·less64(SB), NOSPLIT, $0-24
	COMPARE64(VPCMPGTQ)

// func equal32(a, b *[64]int32) uint64
TEXT ·equal32(SB), NOSPLIT, $0-24
	COMPARE32(VPCMPEQD)

// func equal64(a, b *[64]int64) uint64
TEXT ·equal64(SB), NOSPLIT, $0-24
	COMPARE64(VPCMPEQQ)

// func positions32(dst *[64]int32, base int32, w uint64, order *[256]uint64) int
//
// Eight times it writes eight positions, those of a byte's ones first. Before the k-th time there are at most 8k, so that the last write ends within dst.
TEXT ·positions32(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVL         base+8(FP), AX
	VMOVD        AX, X0
	VPBROADCASTD X0, Y0
	MOVQ         w+16(FP), AX
	MOVQ         order+24(FP), R8
	MOVL         $8, CX
	VMOVD        CX, X1
	VPBROADCASTD X1, Y1
	XORL         R9, R9

loop:
	MOVBLZX   AX, BX
	VPMOVZXBD (R8)(BX*8), Y2
	VPADDD    Y0, Y2, Y2
	VMOVDQU   Y2, (DI)(R9*4)
	POPCNTL   BX, BX
	ADDQ      BX, R9
	VPADDD    Y1, Y0, Y0
	SHRQ      $8, AX
	DECL      CX
	JNZ       loop

	VZEROUPPER
	MOVQ R9, ret+32(FP)
	RET

// func pairs(a, b *[64]byte, x, y byte) uint64
TEXT ·pairs(SB), NOSPLIT, $0-32
	MOVQ         a+0(FP), SI
	MOVQ         b+8(FP), DI
	MOVBLZX      x+16(FP), AX
	MOVBLZX      y+17(FP), BX
	VMOVD        AX, X0
	VMOVD        BX, X1
	VPBROADCASTB X0, Y0
	VPBROADCASTB X1, Y1
	VPCMPEQB     (SI), Y0, Y2
	VPCMPEQB     32(SI), Y0, Y3
	VPCMPEQB     (DI), Y1, Y4
	VPCMPEQB     32(DI), Y1, Y5
	VPAND        Y4, Y2, Y2
	VPAND        Y5, Y3, Y3
	VPMOVMSKB    Y2, AX
	VPMOVMSKB    Y3, BX
	SHLQ         $32, BX
	ORQ          BX, AX
	VZEROUPPER
	MOVQ         AX, ret+24(FP)
	RET
