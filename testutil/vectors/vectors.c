/*
 * Writes the conformance vectors of docs/numerics.md: for every operation and shape the SHA-256 of the little-endian
 * output for inputs from a written generator. It shares no code with the engines: one number at a time, fmaf, no
 * division and no square root.
 *
 *     cc -O1 -std=c99 -ffp-contract=off -o vectors testutil/vectors/vectors.c -lm && ./vectors > trainer/exact/testdata/vectors.txt
 */
#include "rules.h"
#include "sha256.h"
#include "ops.h"

struct vector {
	const char *op;
	int num; /* 0: no rule set, 1: exact-f32/1, 2: exact-bf16/1, 3: both */
	void (*run)(const int *shape);
	int dims, shape[6];
};

#define LENGTHS(op, num, run) \
	{op, num, run, 1, {1}}, {op, num, run, 1, {7}}, {op, num, run, 1, {16}}, {op, num, run, 1, {31}}, {op, num, run, 1, {49}}, \
	{op, num, run, 1, {576}}, {op, num, run, 1, {4097}}, {op, num, run, 1, {49152}}
#define DEPTHS(m, n) \
	{"matmul", 3, op_matmul, 3, {m, n, 1}}, {"matmul", 3, op_matmul, 3, {m, n, 2}}, {"matmul", 3, op_matmul, 3, {m, n, 3}}, \
	{"matmul", 3, op_matmul, 3, {m, n, 17}}, {"matmul", 3, op_matmul, 3, {m, n, 31}}, {"matmul", 3, op_matmul, 3, {m, n, 32}}, \
	{"matmul", 3, op_matmul, 3, {m, n, 33}}, {"matmul", 3, op_matmul, 3, {m, n, 576}}, {"matmul", 3, op_matmul, 3, {m, n, 4097}}

static const struct vector table[] = {
	{"z", 0, op_z, 1, {65536}}, {"bf16", 0, op_bf16, 1, {65536}}, {"fma", 0, op_fma, 1, {65536}}, {"fmahard", 0, op_fmahard, 1, {4096}},
	{"recip", 0, op_recip, 1, {65536}}, {"rsqrt", 0, op_rsqrt, 1, {65536}}, {"exp", 0, op_exp, 1, {65536}}, {"sigmoid", 0, op_sigmoid, 1, {65536}},
	{"log", 0, op_log, 1, {65536}},
	LENGTHS("round", 3, op_round), LENGTHS("scale", 3, op_scale), LENGTHS("scale2", 3, op_scale2), LENGTHS("dot", 3, op_dot),
	LENGTHS("rmsnorm", 3, op_rmsnorm), LENGTHS("rmsnormgrad", 0, op_rmsnormgrad), LENGTHS("swiglu", 3, op_swiglu),
	LENGTHS("swiglugrad", 3, op_swiglugrad), LENGTHS("rotate", 0, op_rotate), LENGTHS("softmax", 3, op_softmax),
	LENGTHS("softmaxgrad", 3, op_softmaxgrad),
	DEPTHS(1, 1), DEPTHS(5, 33), DEPTHS(13, 31), DEPTHS(25, 71),
	{"matmul", 3, op_matmul, 3, {3, 5, 49152}}, {"matmul", 3, op_matmul, 3, {1, 33, 49152}},
	{"segments", 3, op_segments, 4, {13, 33, 33, 8}}, {"segments", 3, op_segments, 4, {7, 40, 576, 24}}, {"segments", 3, op_segments, 4, {12, 64, 1025, 3}},
	{"continue", 3, op_continue, 4, {13, 33, 31, 17}}, {"continue", 3, op_continue, 4, {6, 16, 1, 4097}},
	/* rotary tables: positions, head size, base */
	{"rope", 0, op_rope, 3, {256, 8, 10000}}, {"rope", 0, op_rope, 3, {2048, 64, 100000}}, {"rope", 0, op_rope, 3, {8192, 2, 500000}},
	/* attention: query heads, key-value heads, head size, lengths of two sequences */
	{"attention", 3, op_attention, 5, {1, 1, 2, 1, 2}}, {"attention", 3, op_attention, 5, {6, 2, 8, 33, 31}},
	{"attention", 3, op_attention, 5, {3, 3, 24, 2, 50}}, {"attention", 3, op_attention, 5, {8, 1, 64, 13, 65}},
};

int main(void)
{
	uint64_t seed = 0;
	printf("# id op numerics shape seed sha256-of-output; made by testutil/vectors/vectors.c\n");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct vector *v = &table[i];
		char shape[64] = "", hex[65];
		for (int d = 0; d < v->dims; d++)
			sprintf(shape + strlen(shape), d ? "x%d" : "%d", v->shape[d]);
		seed++;
		for (int num = 0; num < 3; num++) {
			static const char *const short_name[] = {"", "-f32", "-bf16"}, *const name[] = {"any", "exact-f32/1", "exact-bf16/1"};
			if (num == 0 ? v->num != 0 : !(v->num & num))
				continue;
			bf16_rules = num == 2;
			gen_state = seed;
			out_len = 0;
			v->run(v->shape);
			sha256_hex(out_bytes, out_len, hex);
			printf("%s%s-%s %s %s %s %llu %s\n", v->op, short_name[num], shape, v->op, name[num], shape, (unsigned long long)seed, hex);
		}
	}
	return 0;
}
