/*
 * The rules of docs/numerics.md for single numbers, rows and chains, written for one number at a time. Compile with
 * -ffp-contract=off: every rounding here is meant.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t bits(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
static float real(uint32_t u) { float x; memcpy(&x, &u, 4); return x; }

/* Inputs: splitmix64 (Steele, Lea, Flood, 2014). */
static uint64_t gen_state;

static uint64_t gen_next(void)
{
	uint64_t z = gen_state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static float gen_float(int lo, int hi)
{
	uint64_t r = gen_next();
	uint32_t e = (uint32_t)(lo + (int)(r >> 40) % (hi - lo + 1) + 127);
	return real((uint32_t)(r & 1) << 31 | e << 23 | ((uint32_t)(r >> 8) & 0x7fffff));
}

static float *array(int n)
{
	float *x = calloc((size_t)n + 1, sizeof *x);
	if (!x)
		abort();
	return x;
}

static float *gen_wide(int n, int lo, int hi)
{
	float *x = array(n);
	for (int i = 0; i < n; i++)
		x[i] = gen_float(lo, hi);
	return x;
}

/* Spread numbers: every seventh near the flush bound, some the negative of the one before. */
static float *gen_fill(int n)
{
	float *x = array(n);
	for (int i = 0; i < n; i++) {
		uint64_t r = gen_next() % 7;
		x[i] = r == 0 ? gen_float(-46, -38) : r == 1 && i > 0 ? -x[i - 1] : gen_float(-12, 0);
	}
	return x;
}

/* gen_fill with every third number in the middle between two of bfloat16. */
static float *gen_ties(int n)
{
	float *x = gen_fill(n);
	for (int i = 0; i < n; i += 3)
		x[i] = real((bits(x[i]) & 0xffff0000u) | 0x8000);
	return x;
}

/*
 * Numbers at which implementations differ: zeros, denormals, the neighbours of 2^-126 and of the flush bound, middles
 * between two of bfloat16 and their neighbours; then huge ones, of which the last three round to the largest bfloat16,
 * to infinity, and to infinity. Signs are random.
 */
static const uint32_t edges[] = {
	0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x1f800000, 0x20000000, /* 2^-64, 2^-63 */
	0x2b7fffff, 0x2b800000, 0x2b800001, 0x2b7f7fff, 0x2b7f8000, 0x2b7f8001, 0x2b808000, 0x2b818000,
	0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f807fff, 0x3f808000, 0x3f808001, 0x3f817fff, 0x3f818000, 0x3f818001, 0x3fff8000,
	0x4b7fffff, 0x5d800000, 0x5dffffff, /* just under 2^24; 2^60; just under 2^61 */
	0x7e800000, 0x7f000000, 0x7f7f7fff, 0x7f7f8000, 0x7f7fffff};

enum { ALL_EDGES = sizeof edges / sizeof *edges, MILD_EDGES = ALL_EDGES - 5 };

static float *gen_edges(int n, int kinds)
{
	float *x = array(n);
	for (int i = 0; i < n; i++) {
		uint64_t r = gen_next();
		x[i] = real(edges[(r >> 8) % (uint64_t)kinds] | (uint32_t)(r & 1) << 31);
	}
	return x;
}

/* gen_fill with some numbers replaced by those of a list; every list holds NaN or infinity. */
static float *gen_odd(int n, const uint32_t *list, int kinds, int every)
{
	float *x = gen_fill(n);
	for (int i = 0; i < n; i++) {
		uint64_t r = gen_next();
		if (r % (uint64_t)every == 0)
			x[i] = real(list[(r >> 32) % (uint64_t)kinds]);
	}
	return x;
}

/* R1 and the rounding of operands. */
static int bf16_rules;

static float z(float x) { return (bits(x) & 0x7fffffff) < 0x2b800000 ? 0.0f : x; }

static float bf16(float x)
{
	uint32_t u = bits(x), low = u & 0xffff, keep = u & 0xffff0000u;
	if (low > 0x8000 || (low == 0x8000 && (keep & 0x10000)))
		keep += 0x10000;
	return z(real(keep));
}

static float operand(float x) { return bf16_rules ? bf16(x) : z(x); }

static float *operands(float *x, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = operand(x[i]);
	return x;
}

/* R4. */
static float recip(float x)
{
	float y = real(0x7ef311c7u - bits(x));
	for (int i = 0; i < 3; i++) {
		float e = fmaf(-x, y, 1.0f);
		y = fmaf(y, e, y);
	}
	return y;
}

static float rsqrt_(float x)
{
	float h = 0.5f * x, y = real(0x5f375a86u - (bits(x) >> 1));
	for (int i = 0; i < 3; i++) {
		float yy = y * y, e = fmaf(-h, yy, 0.5f);
		y = fmaf(y, e, y);
	}
	return y;
}

static float expf_(float x)
{
	static const float c[] = {0x1.6d4366p-10f, 0x1.120ba6p-7f, 0x1.5554e8p-5f, 0x1.5554dcp-3f, 0.5f, 1.0f, 1.0f};
	if (x < -64.0f)
		return 0.0f;
	if (x > 64.0f)
		x = 64.0f;
	float n = fmaf(x, 0x1.715476p0f, 0x1.8p23f);
	uint32_t scale = (bits(n) << 23) + 0x3f800000u;
	n -= 0x1.8p23f;
	float r = fmaf(n, -0x1.62e4p-1f, x), p = c[0];
	r = fmaf(n, -0x1.7f7d1cp-20f, r);
	for (int i = 1; i < 7; i++)
		p = fmaf(p, r, c[i]);
	return p * real(scale);
}

static float sigmoid(float x) { return recip(1.0f + expf_(-x)); }

static float logf_(float x)
{
	static const float c[] = {0x1.555554p-2f, -0x1.fffff2p-3f, 0x1.999d5p-3f, -0x1.555ed8p-3f, 0x1.23d6b4p-3f,
				  -0x1.fc5b4cp-4f, 0x1.dda7dp-4f, -0x1.d9f4d6p-4f, 0x1.24da98p-4f};
	uint32_t u = bits(x) - 0x3f3504f3u;
	float e = (float)(int32_t)(u >> 23), f = real((u & 0x7fffff) + 0x3f3504f3u) - 1.0f, p = c[8];
	for (int i = 7; i >= 0; i--)
		p = fmaf(p, f, c[i]);
	float y = fmaf(f, p, -0.5f), ff = f * f, r = fmaf(ff, y, f);
	r = fmaf(e, -2.1219444e-4f, r);
	return fmaf(e, 0.693359375f, r);
}

/* R3: lanes of 16 in blocks of 4096. Give term i of lane sum s to get the new lane sum. */
typedef float (*term_fn)(const float *const in[], int i, float s);

static float reduce(int n, term_fn term, const float *const in[])
{
	float all = 0.0f;
	for (int lo = 0; lo < n; lo += 4096) {
		float lane[16] = {0.0f};
		for (int i = lo; i < n && i < lo + 4096; i++)
			lane[(i - lo) % 16] = term(in, i, lane[(i - lo) % 16]);
		for (int w = 8; w; w /= 2)
			for (int i = 0; i < w; i++)
				lane[i] += lane[i + w];
		all = lo ? all + lane[0] : lane[0];
	}
	return all;
}

static float term_dot(const float *const in[], int i, float s) { return fmaf(in[0][i], in[1][i], s); }
static float term_sum(const float *const in[], int i, float s) { return s + in[0][i]; }
static float term_square(const float *const in[], int i, float s) { return fmaf(z(in[0][i]), z(in[0][i]), s); }
static float term_norm(const float *const in[], int i, float s) { return fmaf(z(z(in[0][i]) * in[1][i]), z(in[2][i]), s); }

static float dot(const float *a, const float *b, int n)
{
	const float *const in[] = {a, b};
	return reduce(n, term_dot, in);
}

/* R5. */
static float largest(const float *x, int n)
{
	float m = -INFINITY;
	for (int i = 0; i < n; i++)
		m = x[i] > m ? x[i] : m;
	return m + 0.0f;
}

/* R2: continues acc over k terms a[i*sa]*b[i*sb]; bf16 takes each pair's odd element first. */
static float chain(float acc, const float *a, int sa, const float *b, int sb, int k)
{
	for (int i = 0; i < k; i += 2) {
		int odd = i + 1 < k;
		if (odd && bf16_rules)
			acc = fmaf(a[(i + 1) * sa], b[(i + 1) * sb], acc);
		acc = fmaf(a[i * sa], b[i * sb], acc);
		if (odd && !bf16_rules)
			acc = fmaf(a[(i + 1) * sa], b[(i + 1) * sb], acc);
	}
	return acc;
}

/* exp(s-m) into p, and the sum. */
static float expsum(float *p, const float *s, float m, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = expf_(s[i] - m);
	const float *const in[] = {p};
	return reduce(n, term_sum, in);
}
