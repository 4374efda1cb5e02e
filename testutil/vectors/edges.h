/* The operations at numbers where implementations differ, and with NaN and infinity where the result is defined for them. */

static const uint32_t infinities[] = {0x7f800000, 0xff800000}, nans[] = {0x7fc00000, 0xffc00000, 0xff800000};
static const uint32_t strange[] = {0x7fc00000, 0xffc00000, 0x7f800000, 0xff800000};
static const uint32_t scores[] = {0xff800000, 0xff7fffff, 0xc2820000, 0xc2800001, 0xc2800000, 0xc27fffff, 0x80000000, 0x00000001, 0x80800000};

static void op_zedge(const int *s) { emit_map(z, gen_edges(*s, ALL_EDGES), *s); }
static void op_bf16edge(const int *s) { emit_map(bf16, gen_edges(*s, ALL_EDGES), *s); }
static void op_roundedge(const int *s) { emit_map(operand, gen_edges(*s, ALL_EDGES), *s); }

/* Infinities keep their sign; a NaN is emitted as the first one. */
static void op_zodd(const int *s)
{
	float *x = gen_odd(*s, strange, 4, 3);
	for (int i = 0; i < *s; i++)
		x[i] = x[i] != x[i] ? real(nans[0]) : z(x[i]);
	emit(x, *s);
}

static void op_roundodd(const int *s) { emit_map(operand, gen_odd(*s, infinities, 2, 3), *s); }

static void op_scaleedge(const int *s)
{
	float *x = gen_edges(*s, ALL_EDGES);
	for (int i = 0; i < *s; i++)
		x[i] = operand(x[i] * 1.5f);
	emit(x, *s);
}

/* NaN never wins, and -0 and +0 are one value. */
static void op_maxodd(const int *s)
{
	float *x = gen_odd(*s, nans, 3, 2), *y = gen_edges(*s, 2), m = largest(x, *s), n = largest(y, *s);
	emit(&m, 1);
	emit(&n, 1);
}

/* Whether all of the numbers are finite, as 1 or 0: before storing and after. */
static void op_finite(const int *s)
{
	for (int every = *s; every <= 8 * *s; every *= 2) {
		float *x = gen_odd(*s, strange, 4, every), *y = gen_edges(*s, ALL_EDGES), ok[3] = {1, 1, 1};
		for (int i = 0; i < *s; i++) {
			ok[0] = isfinite(x[i]) ? ok[0] : 0;
			ok[1] = isfinite(operand(y[i])) ? ok[1] : 0;
			ok[2] = isfinite(operand(x[i])) ? ok[2] : 0;
		}
		emit(ok, 3);
	}
}

/* Exponentials of what a mask leaves, around the end of the range at -64, and of zeros. */
static void op_expedge(const int *s)
{
	float *x = gen_odd(*s, scores, 9, 2), l = expsum(x, x, 0.0f, *s);
	emit(x, *s);
	emit(&l, 1);
}

static void op_dotedge(const int *s)
{
	float *a = operands(gen_edges(*s, MILD_EDGES), *s), *b = operands(gen_edges(*s, MILD_EDGES), *s), d = dot(a, b, *s);
	emit(&d, 1);
}

static void op_rmsnormedge(const int *s)
{
	float *x = gen_edges(*s, MILD_EDGES), *w = norm_weights(*s), *y = array(*s);
	const float *const in[] = {x};
	float r = rsqrt_(fmaf(reduce(*s, term_square, in), inverse_of(*s), 1e-5f));
	for (int i = 0; i < *s; i++) {
		float n = z(x[i]) * r;
		y[i] = operand(n * w[i]);
	}
	emit(y, *s);
	emit(&r, 1);
}

static void op_rotateedge(const int *s)
{
	float *a = gen_edges(*s, MILD_EDGES), *b = gen_edges(*s, MILD_EDGES), *c = gen_fill(*s), *sn = gen_fill(*s);
	for (int i = 0; i < *s; i++) {
		float bs = b[i] * sn[i], as = a[i] * sn[i];
		bs = fmaf(a[i], c[i], -bs);
		b[i] = operand(fmaf(b[i], c[i], as));
		a[i] = operand(bs);
	}
	emit(a, *s);
	emit(b, *s);
}

static void op_swigluedge(const int *s)
{
	float *g = operands(gen_edges(*s, MILD_EDGES), *s), *u = operands(gen_fill(*s), *s), *da = gen_edges(*s, MILD_EDGES);
	for (int i = 0; i < *s; i++) {
		float sg = sigmoid(g[i]), silu = g[i] * sg, slope = sg * fmaf(g[i], 1.0f - sg, 1.0f), dau = da[i] * u[i], v = u[i];
		u[i] = operand(silu * v);
		g[i] = operand(dau * slope);
		da[i] = operand(da[i] * silu);
	}
	emit(u, *s);
	emit(g, *s);
	emit(da, *s);
}

static void op_matmuledge(const int *s)
{
	float *a = operands(gen_edges(s[0] * s[2], MILD_EDGES), s[0] * s[2]), *b = operands(gen_edges(s[1] * s[2], MILD_EDGES), s[1] * s[2]);
	float *c = array(s[0] * s[1]);
	product(c, a, b, s[0], s[1], s[2]);
	emit(c, s[0] * s[1]);
}

/* Every other product is nearly the negative of the one before, so that what is left was rounded away. */
static void op_matmulcancel(const int *s)
{
	int na = s[0] * s[2], nb = s[1] * s[2];
	float *a = operands(gen_wide(na, -12, 0), na), *b = operands(gen_wide(nb, -12, 0), nb), *c = array(s[0] * s[1]);
	for (int k = 1; k < s[2]; k += 2) {
		for (int i = 0; i < s[0]; i++)
			a[i * s[2] + k] = -a[i * s[2] + k - 1];
		for (int j = 0; j < s[1]; j++)
			b[j * s[2] + k] = operand(b[j * s[2] + k - 1] * 1.0078125f);
	}
	product(c, a, b, s[0], s[1], s[2]);
	emit(c, s[0] * s[1]);
}

/* Products up to 2^130: a fused multiply-add takes them into a sum that need not overflow. */
static void op_matmulhuge(const int *s)
{
	int na = s[0] * s[2], nb = s[1] * s[2];
	float *a = operands(gen_wide(na, 62, 64), na), *b = operands(gen_wide(nb, 62, 64), nb), *c = array(s[0] * s[1]);
	product(c, a, b, s[0], s[1], s[2]);
	emit(c, s[0] * s[1]);
}
