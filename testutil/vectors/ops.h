/* The operations of the vectors. Each draws its inputs in the order in which they are written and emits its outputs. */

static uint8_t *out_bytes;
static uint64_t out_len, out_cap;

static void emit(const float *x, int n)
{
	if (out_len + 4 * (uint64_t)n > out_cap) {
		out_cap = 2 * (out_len + 4 * (uint64_t)n);
		if (!(out_bytes = realloc(out_bytes, out_cap)))
			abort();
	}
	for (int i = 0; i < n; i++)
		for (int b = 0; b < 32; b += 8)
			out_bytes[out_len++] = (uint8_t)(bits(x[i]) >> b);
}

static void emit_map(float (*f)(float), float *x, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = f(x[i]);
	emit(x, n);
}

static float *magnitudes(float *x, int n, float more)
{
	for (int i = 0; i < n; i++)
		x[i] = fabsf(x[i]) + more;
	return x;
}

static float inverse_of(int n) { return (float)(1.0 / n); }

static void op_z(const int *s) { emit_map(z, gen_ties(*s), *s); }
static void op_bf16(const int *s) { emit_map(bf16, gen_ties(*s), *s); }
static void op_recip(const int *s) { emit_map(recip, magnitudes(gen_wide(*s, -60, 60), *s, 0), *s); }
static void op_rsqrt(const int *s) { emit_map(rsqrt_, magnitudes(gen_wide(*s, -60, 60), *s, 0), *s); }
static void op_exp(const int *s) { emit_map(expf_, gen_wide(*s, -20, 6), *s); }
static void op_sigmoid(const int *s) { emit_map(sigmoid, gen_wide(*s, -20, 6), *s); }
static void op_log(const int *s) { emit_map(logf_, magnitudes(gen_wide(*s, -20, 20), *s, 1), *s); }
static void op_round(const int *s) { emit_map(operand, gen_fill(*s), *s); }

static void op_fma(const int *s)
{
	float *a = gen_wide(*s, -20, 20), *b = gen_wide(*s, -20, 20), *c = gen_wide(*s, -44, 40);
	for (int i = 0; i < *s; i++)
		a[i] = fmaf(a[i], b[i], c[i]);
	emit(a, *s);
}

/* Sums whose product is just under half a unit in the last place: a float64 fma rounds them twice and wrongly. */
static void op_fmahard(const int *s)
{
	float *y = array(*s);
	for (int i = 0; i < *s; i++) {
		uint32_t k = 1 + (uint32_t)(gen_next() % 255), c = 0x3f800000u + (uint32_t)(gen_next() % 0x800000);
		y[i] = fmaf(real(0x39800000u + k), real(0x39800000u - 2 * k), real(c));
	}
	emit(y, *s);
}

static void op_scale(const int *s)
{
	float *x = gen_fill(*s);
	for (int i = 0; i < *s; i++)
		x[i] = operand(x[i] * 0.3f);
	emit(x, *s);
}

static void op_scale2(const int *s)
{
	float *x = gen_fill(*s);
	for (int i = 0; i < *s; i++) {
		float once = x[i] * 0.3f;
		x[i] = operand(once * 0.7f);
	}
	emit(x, *s);
}

static void op_dot(const int *s)
{
	float *a = operands(gen_fill(*s), *s), *b = operands(gen_fill(*s), *s), d = dot(a, b, *s);
	emit(&d, 1);
}

/* A norm's weights are flushed but not rounded. */
static float *norm_weights(int n)
{
	float *w = gen_fill(n);
	for (int i = 0; i < n; i++)
		w[i] = z(w[i]);
	return w;
}

static void op_rmsnorm(const int *s)
{
	float *x = gen_fill(*s), *w = norm_weights(*s), *y = array(*s);
	const float *const in[] = {x};
	float r = rsqrt_(fmaf(reduce(*s, term_square, in), inverse_of(*s), 1e-5f));
	for (int i = 0; i < *s; i++) {
		float n = z(x[i]) * r;
		y[i] = operand(n * w[i]);
	}
	emit(y, *s);
	emit(&r, 1);
}

/* The norm of one head: not rounded, since the rotation follows. */
static void op_headnorm(const int *s)
{
	float *x = gen_fill(*s), *w = norm_weights(*s);
	const float *const in[] = {x};
	float r = rsqrt_(fmaf(reduce(*s, term_square, in), inverse_of(*s), 1e-6f));
	for (int i = 0; i < *s; i++) {
		float n = z(x[i]) * r;
		x[i] = n * w[i];
	}
	emit(x, *s);
	emit(&r, 1);
}

static void op_rmsnormgrad(const int *s)
{
	float *x = gen_fill(*s), *w = norm_weights(*s), *dy = gen_fill(*s), *res = gen_fill(*s), r = 1.25f;
	const float *const in[] = {dy, w, x};
	float sum = reduce(*s, term_norm, in), sr = sum * r, rr = r * r, srrr = sr * rr, c = z(srrr * inverse_of(*s));
	for (int i = 0; i < *s; i++)
		res[i] = fmaf(z(z(dy[i]) * w[i]), r, fmaf(-c, z(x[i]), res[i]));
	emit(res, *s);
}

static void op_swiglu(const int *s)
{
	float *g = gen_wide(*s, -12, 5), *u = gen_fill(*s);
	for (int i = 0; i < *s; i++) {
		g[i] = operand(g[i]);
		u[i] = operand(u[i]);
		float silu = g[i] * sigmoid(g[i]);
		u[i] = operand(silu * u[i]);
	}
	emit(u, *s);
}

static void op_swiglugrad(const int *s)
{
	float *g = gen_wide(*s, -12, 5), *u = gen_fill(*s), *da = gen_fill(*s), *dg = array(*s), *du = array(*s);
	for (int i = 0; i < *s; i++) {
		g[i] = operand(g[i]);
		u[i] = operand(u[i]);
		float sg = sigmoid(g[i]), silu = g[i] * sg, slope = sg * fmaf(g[i], 1.0f - sg, 1.0f), dau = da[i] * u[i];
		du[i] = operand(da[i] * silu);
		dg[i] = operand(dau * slope);
	}
	emit(dg, *s);
	emit(du, *s);
}

static void op_rotate(const int *s)
{
	float *a = gen_fill(*s), *b = gen_fill(*s), *c = gen_fill(*s), *sn = gen_fill(*s);
	for (int i = 0; i < *s; i++) {
		float bs = b[i] * sn[i], as = a[i] * sn[i], y0 = fmaf(a[i], c[i], -bs), y1 = fmaf(b[i], c[i], as);
		a[i] = y0;
		b[i] = y1;
	}
	emit(a, *s);
	emit(b, *s);
}

static void op_softmax(const int *s)
{
	float *x = gen_wide(*s, -12, 4), m = largest(x, *s), l = expsum(x, x, m, *s), r = recip(l);
	for (int i = 0; i < *s; i++)
		x[i] = operand(x[i] * r);
	emit(x, *s);
	emit(&m, 1);
	emit(&l, 1);
}

/* Shape: vocabulary, label, weight in thousandths. One row of logits to its loss and its gradient. */
static void op_crossentropy(const int *s)
{
	float *x = gen_wide(*s, -12, 4), w = (float)(s[2] / 1000.0), m = largest(x, *s), ly = x[s[1]] - m;
	float sum = expsum(x, x, m, *s), r = recip(sum), nll = logf_(sum) - ly;
	for (int i = 0; i < *s; i++) {
		float p = i == s[1] ? fmaf(x[i], r, -1.0f) : x[i] * r;
		x[i] = operand(p * w);
	}
	emit(x, *s);
	emit(&nll, 1);
}

static void op_softmaxgrad(const int *s)
{
	float *p = operands(gen_fill(*s), *s), *dp = gen_fill(*s);
	for (int i = 0; i < *s; i++)
		p[i] = operand(p[i] * (dp[i] - 0.1f));
	emit(p, *s);
}

/* c[m][n] continued by the chains of a[m][k] and b[n][k]. */
static void product(float *c, const float *a, const float *b, int m, int n, int k)
{
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			c[i * n + j] = chain(c[i * n + j], a + i * k, 1, b + j * k, 1, k);
}

static void op_segments(const int *s)
{
	float *c = array(s[0] * s[1]);
	for (int seg = 2; seg < 4; seg++) {
		float *a = operands(gen_fill(s[0] * s[seg]), s[0] * s[seg]), *b = operands(gen_fill(s[1] * s[seg]), s[1] * s[seg]);
		product(c, a, b, s[0], s[1], s[seg]);
	}
	emit(c, s[0] * s[1]);
}

/* A product that is stored and taken up again has the bits of one chain. */
static void op_continue(const int *s) { op_segments(s); }

static void op_matmul(const int *s)
{
	float *a = operands(gen_fill(s[0] * s[2]), s[0] * s[2]), *b = operands(gen_fill(s[1] * s[2]), s[1] * s[2]), *c = array(s[0] * s[1]);
	product(c, a, b, s[0], s[1], s[2]);
	emit(c, s[0] * s[1]);
}

#include "attention.h"
#include "tables.h"
#include "edges.h"
#include "host.h"
