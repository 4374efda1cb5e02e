/* The rotary embedding's tables: float64, + - * / and sums of series, each product rounded; then once to float32. */

static const double ln2 = 0.693147180559945309417232121458176568;

static double exp64(double x)
{
	double n = nearbyint(x / ln2), hi = n * 6.93147180369123816490e-01, lo = n * 1.90821492927058770002e-10, r = x - hi, p = 1;
	uint64_t u;
	r -= lo;
	for (int k = 14; k >= 1; k--) {
		double rp = r * p;
		p = 1 + rp / k;
	}
	u = (uint64_t)((int64_t)n + 1023) << 52;
	memcpy(&x, &u, 8);
	return p * x;
}

static double log64(double x)
{
	uint64_t u;
	memcpy(&u, &x, 8);
	double e = (double)((int64_t)(u >> 52) - 1023), p = 0;
	u = (u & 0xfffffffffffffu) | (uint64_t)1023 << 52;
	memcpy(&x, &u, 8);
	double s = (x - 1) / (x + 1), s2 = s * s;
	for (int k = 37; k >= 1; k -= 2) {
		double ps = p * s2;
		p = ps + 1.0 / k;
	}
	double sp = s * p, two = 2 * sp, el = e * ln2;
	return two + el;
}

static void sincos64(double x, double *sin, double *cos)
{
	static const double pi2 = 0x1.921fb54442d18p+0, hi = 0x1.921fb544p+0, lo = 0x1.1a62633145c07p-54;
	double n = nearbyint(x / pi2), t = n * hi, r = x - t, s = 1, c = 1;
	t = n * (pi2 - hi);
	r -= t;
	t = n * lo;
	r -= t;
	double r2 = r * r;
	for (int k = 18; k >= 2; k -= 2) {
		double rs = r2 * s, rc = r2 * c;
		s = 1 - rs / (k * (k + 1));
		c = 1 - rc / (k * (k - 1));
	}
	s *= r;
	switch ((int64_t)n & 3) {
	case 0: *sin = s, *cos = c; break;
	case 1: *sin = c, *cos = -s; break;
	case 2: *sin = -s, *cos = -c; break;
	default: *sin = -c, *cos = s;
	}
}

/* The tables of frequencies f, radians per position. */
static void emit_tables(const double *f, int positions, int half)
{
	float *c = array(positions * half), *sn = array(positions * half);
	for (int i = 0; i < half; i++)
		for (int t = 0; t < positions; t++) {
			double a, b;
			sincos64(t * f[i], &a, &b);
			sn[t * half + i] = (float)a;
			c[t * half + i] = (float)b;
		}
	emit(c, positions * half);
	emit(sn, positions * half);
}

static double frequency(int i, int head, int base)
{
	double y = -2.0 * i / head;
	return exp64(y * log64(base));
}

/* shape: positions, head size, base of the angles */
static void op_rope(const int *s)
{
	double f[64];
	for (int i = 0; i < s[1] / 2; i++)
		f[i] = frequency(i, s[1], s[2]);
	emit_tables(f, s[0], s[1] / 2);
}

/* shape: positions, head size, base, factor; and for Llama 3 low and high factor, original positions */
static void op_ropelinear(const int *s)
{
	double f[64];
	for (int i = 0; i < s[1] / 2; i++)
		f[i] = frequency(i, s[1], s[2]) / s[3];
	emit_tables(f, s[0], s[1] / 2);
}

static void op_ropellama3(const int *s)
{
	double f[64], factor = s[3], low = s[4], high = s[5], original = s[6];
	for (int i = 0; i < s[1] / 2; i++) {
		double g = frequency(i, s[1], s[2]), length = 6.283185307179586476925286766559 / g;
		double keep = (original / length - low) / (high - low), lost = (1 - keep) * g, kept = keep * g;
		if (length > original / low)
			f[i] = g / factor;
		else if (length < original / high)
			f[i] = g;
		else
			f[i] = lost / factor + kept;
	}
	emit_tables(f, s[0], s[1] / 2);
}
