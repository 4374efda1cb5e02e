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
	int dims, shape[8];
};

/* Operations on one row: at every length up to 50, and around the blocks of a reduction. */
static const struct vector rows[] = {
	{"round", 3, op_round, 0, {0}}, {"scale", 3, op_scale, 0, {0}}, {"scale2", 3, op_scale2, 0, {0}}, {"dot", 3, op_dot, 0, {0}},
	{"rmsnorm", 3, op_rmsnorm, 0, {0}}, {"headnorm", 0, op_headnorm, 0, {0}}, {"rmsnormgrad", 0, op_rmsnormgrad, 0, {0}},
	{"swiglu", 3, op_swiglu, 0, {0}}, {"swiglugrad", 3, op_swiglugrad, 0, {0}}, {"rotate", 0, op_rotate, 0, {0}},
	{"softmax", 3, op_softmax, 0, {0}}, {"softmaxgrad", 3, op_softmaxgrad, 0, {0}}, {"maxodd", 0, op_maxodd, 0, {0}},
	{"finite", 3, op_finite, 0, {0}},
};
static const int lengths[] = {576, 4095, 4096, 4097, 8192, 8193, 49152};

/* Products: at every depth with every shape. */
static const int depths[] = {0, 1, 2, 3, 4, 5, 17, 31, 32, 33, 576, 4097}, sides[][2] = {{1, 1}, {5, 33}, {13, 31}, {25, 71}};

/* Attention: query heads, key-value heads, head size; every two lengths of sequences that follow each other. */
static const int heads[][3] = {{2, 2, 6}, {3, 1, 16}, {16, 2, 8}}, tokens[] = {1, 2, 31, 33};

static const struct vector table[] = {
	{"z", 0, op_z, 1, {65536}}, {"bf16", 0, op_bf16, 1, {65536}}, {"fma", 0, op_fma, 1, {65536}}, {"fmahard", 0, op_fmahard, 1, {4096}},
	{"recip", 0, op_recip, 1, {65536}}, {"rsqrt", 0, op_rsqrt, 1, {65536}}, {"exp", 0, op_exp, 1, {65536}}, {"sigmoid", 0, op_sigmoid, 1, {65536}},
	{"log", 0, op_log, 1, {65536}},
	{"matmul", 3, op_matmul, 3, {3, 5, 49152}}, {"matmul", 3, op_matmul, 3, {1, 33, 49152}},
	{"segments", 3, op_segments, 4, {13, 33, 33, 8}}, {"segments", 3, op_segments, 4, {7, 40, 576, 24}}, {"segments", 3, op_segments, 4, {12, 64, 1025, 3}},
	{"continue", 3, op_continue, 4, {13, 33, 31, 17}}, {"continue", 3, op_continue, 4, {6, 16, 1, 4097}},
	/* numbers at which implementations differ */
	{"zedge", 0, op_zedge, 1, {4096}}, {"bf16edge", 0, op_bf16edge, 1, {4096}}, {"zodd", 0, op_zodd, 1, {4096}},
	{"roundedge", 3, op_roundedge, 1, {4099}}, {"roundodd", 3, op_roundodd, 1, {4099}}, {"scaleedge", 3, op_scaleedge, 1, {4099}},
	{"expedge", 0, op_expedge, 1, {1}}, {"expedge", 0, op_expedge, 1, {31}}, {"expedge", 0, op_expedge, 1, {4099}},
	{"dotedge", 3, op_dotedge, 1, {15}}, {"dotedge", 3, op_dotedge, 1, {4099}}, {"rmsnormedge", 3, op_rmsnormedge, 1, {15}},
	{"rmsnormedge", 3, op_rmsnormedge, 1, {577}}, {"rotateedge", 3, op_rotateedge, 1, {577}}, {"swigluedge", 3, op_swigluedge, 1, {577}},
	{"matmuledge", 3, op_matmuledge, 3, {7, 33, 1}}, {"matmuledge", 3, op_matmuledge, 3, {13, 35, 33}}, {"matmuledge", 3, op_matmuledge, 3, {5, 17, 1027}},
	{"matmulcancel", 3, op_matmulcancel, 3, {5, 33, 31}}, {"matmulcancel", 3, op_matmulcancel, 3, {13, 17, 1030}},
	{"matmulhuge", 3, op_matmulhuge, 3, {25, 33, 3}}, {"matmulhuge", 3, op_matmulhuge, 3, {13, 71, 6}},
	/* loss: vocabulary, label, weight in thousandths */
	{"crossentropy", 3, op_crossentropy, 3, {1, 0, 1000}}, {"crossentropy", 3, op_crossentropy, 3, {2, 1, -370}},
	{"crossentropy", 3, op_crossentropy, 3, {17, 16, 333}}, {"crossentropy", 3, op_crossentropy, 3, {300, 7, 0}},
	{"crossentropy", 3, op_crossentropy, 3, {4099, 4098, 1000}}, {"crossentropy", 3, op_crossentropy, 3, {49152, 31, 77}},
	/* rotary tables: positions, head size, base; factor; low, high, original positions */
	{"rope", 0, op_rope, 3, {256, 8, 10000}}, {"rope", 0, op_rope, 3, {2048, 64, 100000}}, {"rope", 0, op_rope, 3, {8192, 2, 500000}},
	{"ropelinear", 0, op_ropelinear, 4, {512, 64, 10000, 3}}, {"ropelinear", 0, op_ropelinear, 4, {300, 128, 1000000, 8}},
	{"ropellama3", 0, op_ropellama3, 7, {512, 64, 500000, 32, 1, 4, 8192}}, {"ropellama3", 0, op_ropellama3, 7, {300, 128, 500000, 8, 1, 4, 8192}},
	{"ropellama3", 0, op_ropellama3, 7, {64, 16, 10000, 3, 2, 5, 100}},
	/* see host.h */
	{"adamw", 0, op_adamw, 6, {4, 37, 7, 1000, 1000, 10}}, {"adamw", 0, op_adamw, 6, {5, 16, 301, 200, 0, 0}}, {"adamw", 0, op_adamw, 6, {1, 1, 1, 30000, 1, 0}},
	{"q4", 0, op_q4, 1, {1}}, {"q4", 0, op_q4, 1, {64}}, {"q4", 0, op_q4, 1, {6401}},
	{"fold", 0, op_fold, 6, {1, 33, 700, 900, 1, 0}}, {"fold", 0, op_fold, 6, {5, 301, 700, 900, 1, 0}}, {"fold", 0, op_fold, 6, {8, 100, 1000, 0, 0, 1500}},
	/* attention: as below, at other shapes */
	{"attention", 3, op_attention, 5, {1, 1, 2, 1, 2}}, {"attention", 3, op_attention, 5, {6, 2, 8, 33, 31}},
	{"attention", 3, op_attention, 5, {3, 3, 24, 2, 50}}, {"attention", 3, op_attention, 5, {8, 1, 64, 13, 65}},
	{"attention", 3, op_attention, 5, {2, 1, 10, 97, 130}},
};

/* One line for every rule set that the vector has. */
static void line(const struct vector *v)
{
	static const char *const short_name[] = {"", "-f32", "-bf16"}, *const name[] = {"any", "exact-f32/1", "exact-bf16/1"};
	static uint64_t seed;
	char shape[96] = "", hex[65];
	for (int d = 0; d < v->dims; d++)
		sprintf(shape + strlen(shape), d ? "x%d" : "%d", v->shape[d]);
	seed++;
	for (int num = 0; num < 3; num++) {
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

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

int main(void)
{
	printf("# id op numerics shape seed sha256-of-output; made by testutil/vectors/vectors.c\n");
	for (int i = 0; i < COUNT(table); i++)
		line(&table[i]);
	for (int i = 0; i < COUNT(rows); i++)
		for (int n = 1; n <= 50 + COUNT(lengths); n++) {
			struct vector v = {rows[i].op, rows[i].num, rows[i].run, 1, {n <= 50 ? n : lengths[n - 51]}};
			line(&v);
		}
	for (int i = 0; i < COUNT(sides); i++)
		for (int k = 0; k < COUNT(depths); k++) {
			struct vector v = {"matmul", 3, op_matmul, 3, {sides[i][0], sides[i][1], depths[k]}};
			line(&v);
		}
	for (int i = 0; i < COUNT(heads); i++)
		for (int a = 0; a < COUNT(tokens); a++)
			for (int b = 0; b < COUNT(tokens); b++) {
				struct vector v = {"attention", 3, op_attention, 5, {heads[i][0], heads[i][1], heads[i][2], tokens[a], tokens[b]}};
				line(&v);
			}
	return 0;
}
