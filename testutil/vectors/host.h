/* The operations on parameters, elementwise in float32 with scalars from float64: optimizer, codec, fold. */

static double sum_squares(const float *x, int n)
{
	double lane[16] = {0};
	for (int i = 0; i < n; i++) {
		double sq = (double)x[i] * (double)x[i];
		lane[i % 16] += sq;
	}
	for (int w = 8; w; w /= 2)
		for (int i = 0; i < w; i++)
			lane[i] += lane[i + w];
	return lane[0];
}

/* Shape: rank, width, tokens, learning rate in millionths, clip and decay in thousandths. Three steps of two factors. */
static void op_adamw(const int *s)
{
	int half = s[0] * s[1], n = 2 * half;
	float *p = gen_fill(n), *m = array(n), *v = array(n), norms[3];
	double lr = s[3] / 1e6, clip = s[4] / 1e3, decay = s[5] / 1e3, p1 = 1, p2 = 1;
	for (int step = 0; step < 3; step++) {
		const float *grad = gen_fill(n);
		double sum = sum_squares(grad, half) + sum_squares(grad + half, half), norm = sqrt(sum) / s[2], cut = 1, lw = lr * decay;
		p1 *= 0.9;
		p2 *= 0.999;
		if (clip > 0 && clip / (norm + 1e-6) < 1)
			cut = clip / (norm + 1e-6);
		float gs = (float)(cut / s[2]), a = (float)(lr / (1 - p1)), rb2 = (float)(1 / sqrt(1 - p2)), w = (float)(1 - lw);
		for (int i = 0; i < n; i++) {
			float g = grad[i] * gs, g1 = (float)(1 - 0.9) * g, g2 = (float)(1 - 0.999) * g, gg = g2 * g;
			m[i] = fmaf(0.9f, m[i], g1);
			v[i] = fmaf(0.999f, v[i], gg);
			float ma = m[i] * a, d = fmaf(sqrtf(v[i]), rb2, 1e-8f);
			p[i] = fmaf(p[i], w, -(ma / d));
		}
		norms[step] = (float)norm;
	}
	emit(p, n);
	emit(m, n);
	emit(v, n);
	emit(norms, 3);
}

/* What the codec restores, and every block's scale. */
static void op_q4(const int *s)
{
	float *x = gen_fill(*s), *scales = array(*s / 64 + 1);
	for (int lo = 0; lo < *s; lo += 64) {
		int hi = lo + 64 < *s ? lo + 64 : *s;
		double top = 0;
		for (int i = lo; i < hi; i++)
			top = fmax(top, fabs((double)x[i]));
		float scale = real(bits((float)(top / 7)) & 0xffff0000u);
		if ((double)scale * 7 < top)
			scale = real(bits(scale) + 0x10000);
		for (int i = lo; i < hi; i++)
			x[i] = (float)fmax(-7, fmin(7, nearbyint(x[i] / (double)scale))) * scale;
		scales[lo / 64] = scale;
	}
	for (int i = 0; i < *s; i++)
		x[i] += 0.0f; /* levels are integers: there is no -0 */
	emit(x, *s);
	emit(scales, (*s + 63) / 64);
}

/* Shape: deltas, parameters, learning rate, momentum in thousandths, Nesterov, cap in thousandths. */
static void op_fold(const int *s)
{
	int n = s[1];
	float *p = gen_fill(n), *mom = gen_fill(n), *delta[8], weight[8], eta = (float)(s[2] / 1e3), mu = (float)(s[3] / 1e3);
	double norm[8], bound = INFINITY;
	uint64_t tokens[8], total = 0;
	for (int j = 0; j < s[0]; j++) {
		tokens[j] = 1 + gen_next() % 1000;
		total += tokens[j];
		delta[j] = gen_fill(n);
		norm[j] = sqrt(sum_squares(delta[j], n));
	}
	for (int j = 0; j < s[0]; j++) { /* the smallest norm up to which half of the tokens lie */
		uint64_t below = 0;
		for (int i = 0; i < s[0]; i++)
			below += norm[i] <= norm[j] ? tokens[i] : 0;
		if (2 * below >= total && norm[j] < bound)
			bound = norm[j];
	}
	if (s[5] && s[5] / 1e3 < bound)
		bound = s[5] / 1e3;
	for (int j = 0; j < s[0]; j++)
		weight[j] = (float)(fmin(1, bound / norm[j]) * (double)tokens[j] / (double)total);
	for (int i = 0; i < n; i++) {
		float acc = 0.0f;
		for (int j = 0; j < s[0]; j++)
			acc = fmaf(weight[j], delta[j][i], acc);
		mom[i] = fmaf(mu, mom[i], acc);
		p[i] = fmaf(eta, s[4] ? fmaf(mu, mom[i], acc) : mom[i], p[i]);
	}
	emit(p, n);
	emit(mom, n);
}
