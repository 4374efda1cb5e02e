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

/* shape: positions, head size, base of the angles */
static void op_rope(const int *s)
{
	int half = s[1] / 2;
	float *c = array(s[0] * half), *sn = array(s[0] * half);
	double lb = log64(s[2]);
	for (int i = 0; i < half; i++) {
		double y = -2.0 * i / s[1], f = exp64(y * lb);
		for (int t = 0; t < s[0]; t++) {
			double a, b;
			sincos64(t * f, &a, &b);
			sn[t * half + i] = (float)a;
			c[t * half + i] = (float)b;
		}
	}
	emit(c, s[0] * half);
	emit(sn, s[0] * half);
}
