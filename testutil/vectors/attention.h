/*
 * Causal grouped-query attention, forward and backward, over two sequences laid one after the other. Every matrix is
 * written out in full, with zeros above the diagonal, and every chain runs over all of its terms.
 */

/* One query head of one sequence: q, o, dO point to its first row (stride qs), k, v to its key-value head's (stride ks). */
struct head {
	int n, dim, qs, ks;
	const float *q, *k, *v, *d_o;
	float *o, *p, *ds, *max, *sum;
};

static void head_forward(struct head *h)
{
	int n = h->n;
	for (int i = 0; i < n; i++) {
		float *row = h->p + i * n;
		for (int j = 0; j <= i; j++)
			row[j] = chain(0.0f, h->q + i * h->qs, 1, h->k + j * h->ks, 1, h->dim);
		h->max[i] = largest(row, i + 1);
		h->sum[i] = expsum(row, row, h->max[i], i + 1);
		float r = recip(h->sum[i]);
		for (int j = 0; j < n; j++)
			row[j] = j <= i ? operand(row[j] * r) : 0.0f;
	}
	for (int i = 0; i < n; i++)
		for (int d = 0; d < h->dim; d++)
			h->o[i * h->qs + d] = operand(chain(0.0f, h->p + i * n, 1, h->v + d, h->ks, n));
}

/* dS, dq, and the head's continuation of the chains of dk and dv. */
static void head_backward(struct head *h, float *dq, float *dk, float *dv)
{
	int n = h->n;
	for (int i = 0; i < n; i++) {
		float d = dot(h->d_o + i * h->qs, h->o + i * h->qs, h->dim);
		for (int j = 0; j < n; j++) {
			float dp = chain(0.0f, h->d_o + i * h->qs, 1, h->v + j * h->ks, 1, h->dim);
			h->ds[i * n + j] = j <= i ? operand(h->p[i * n + j] * (dp - d)) : 0.0f;
		}
	}
	for (int i = 0; i < n; i++)
		for (int c = 0; c < h->dim; c++) {
			float *gk = dk + i * h->ks + c, *gv = dv + i * h->ks + c;
			dq[i * h->qs + c] = chain(0.0f, h->ds + i * n, 1, h->k + c, h->ks, n);
			*gk = chain(*gk, h->ds + i, n, h->q + c, h->qs, n);
			*gv = chain(*gv, h->p + i, n, h->d_o + c, h->qs, n);
		}
}

static void op_attention(const int *s)
{
	int heads = s[0], kv = s[1], dim = s[2], rows = s[3] + s[4], qs = heads * dim, ks = kv * dim;
	float *q = operands(gen_wide(rows * qs, -8, 1), rows * qs), *k = operands(gen_wide(rows * ks, -8, 1), rows * ks);
	float *v = operands(gen_fill(rows * ks), rows * ks), *d_o = operands(gen_fill(rows * qs), rows * qs);
	float *o = array(rows * qs), *max = array(heads * rows), *sum = array(heads * rows);
	float *dq = array(rows * qs), *dk = array(rows * ks), *dv = array(rows * ks);
	for (int seq = 0, lo = 0; seq < 2; lo += s[3 + seq++])
		for (int i = 0; i < heads; i++) {
			int n = s[3 + seq], qo = lo * qs + i * dim, ko = lo * ks + i / (heads / kv) * dim;
			struct head h = {n, dim, qs, ks, q + qo, k + ko, v + ko, d_o + qo, o + qo, array(n * n), array(n * n), max + i * rows + lo, sum + i * rows + lo};
			head_forward(&h);
			head_backward(&h, dq + qo, dk + ko, dv + ko);
		}
	emit(o, rows * qs);
	emit(max, heads * rows);
	emit(sum, heads * rows);
	emit(dq, rows * qs);
	emit(dk, rows * ks);
	emit(dv, rows * ks);
}
