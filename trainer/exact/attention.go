package exact

import "math"

var negInf = float32(math.Inf(-1))

// Span is one sequence among concatenated rows: rows [Lo, Lo+Len).
type Span struct{ Lo, Len int }

// Heads is the shape of grouped-query attention: Q query heads share KV key and value heads of Dim numbers.
type Heads struct{ Q, KV, Dim int }

// Attention computes O = softmax(Q Kᵀ) V per sequence and head under the causal mask. q (already scaled) and o are
// [rows][Q*Dim], k and v [rows][KV*Dim]; o is rounded. max and sum receive, per head and row, the row's maximum and
// exponential sum for the backward pass ([Q][rows]). Vaswani et al., 2017; Ainslie et al. (GQA), 2023.
func (e *Engine) Attention(o, q, k, v, max, sum []float32, rows int, h Heads, spans []Span) {
	qd, kd := h.Q*h.Dim, h.KV*h.Dim
	e.parallel(len(spans)*h.Q, func(t int, s *scratch) {
		sp, head := spans[t/h.Q], t%h.Q
		kv := head / (h.Q / h.KV) * h.Dim
		n := sp.Len
		s.f = grow(s.f, n*n)
		p := s.f
		e.probs(s, p, q[sp.Lo*qd+head*h.Dim:], k[sp.Lo*kd+kv:], max[head*rows+sp.Lo:], sum[head*rows+sp.Lo:], n, h, false)
		out := o[sp.Lo*qd+head*h.Dim:]
		e.small(s, out, qd, n, h.Dim, n, Rows(p, n), Mat{v[sp.Lo*kd+kv:], 1, kd}, false, KUpTo)
		for i := range n {
			r := out[i*qd : i*qd+h.Dim]
			e.Round(r, r)
		}
	})
}

// probs fills p[n][n] with rounded probabilities; entries above the diagonal are 0.
func (e *Engine) probs(s *scratch, p, q, k, max, sum []float32, n int, h Heads, known bool) {
	e.small(s, p, n, n, n, h.Dim, Rows(q, h.Q*h.Dim), Rows(k, h.KV*h.Dim), false, OutLower)
	for i := range n {
		row := p[i*n : i*n+i+1]
		if !known {
			max[i] = Max(row)
		}
		l := e.ExpSum(row, row, max[i])
		if !known {
			sum[i] = l
		}
		e.Scale(row, row, Recip(sum[i]))
		clear(p[i*n+i+1 : (i+1)*n])
	}
}

// AttentionGrad computes dq, dk, dv (float32 chains, not rounded) from do, the rounded output gradient.
func (e *Engine) AttentionGrad(dq, dk, dv, do, o, q, k, v, max, sum []float32, rows int, h Heads, spans []Span) {
	qd, kd := h.Q*h.Dim, h.KV*h.Dim
	group := h.Q / h.KV
	e.parallel(len(spans)*h.KV, func(t int, s *scratch) {
		sp, g := spans[t/h.KV], t%h.KV
		n, kvo := sp.Len, sp.Lo*kd+g*h.Dim
		s.f = grow(s.f, 2*n*n)
		p, dp := s.f[:n*n], s.f[n*n:]
		for j := range group {
			head := g*group + j
			qo := sp.Lo*qd + head*h.Dim
			e.probs(s, p, q[qo:], k[kvo:], max[head*rows+sp.Lo:], sum[head*rows+sp.Lo:], n, h, true)
			e.small(s, dv[kvo:], kd, n, h.Dim, n, Rows(p, n).T(), Mat{do[qo:], 1, qd}, j > 0, KFrom)
			e.small(s, dp, n, n, n, h.Dim, Rows(do[qo:], qd), Rows(v[kvo:], kd), false, OutLower)
			for i := range n {
				d := e.Dot(do[qo+i*qd:qo+i*qd+h.Dim], o[qo+i*qd:qo+i*qd+h.Dim])
				e.SoftmaxGrad(p[i*n:i*n+i+1], p[i*n:i*n+i+1], dp[i*n:i*n+i+1], d)
			}
			e.small(s, dq[qo:], qd, n, h.Dim, n, Rows(p, n), Mat{k[kvo:], 1, kd}, false, KUpTo)
			e.small(s, dk[kvo:], kd, n, h.Dim, n, Rows(p, n).T(), Mat{q[qo:], 1, qd}, j > 0, KFrom)
		}
	})
}

// Decode is Attention for one new row at position n-1 of a sequence whose n keys and values are cached: the same chains.
func (e *Engine) Decode(o, q, k, v []float32, n int, h Heads) {
	qd, kd := h.Q*h.Dim, h.KV*h.Dim
	e.parallel(h.Q, func(head int, s *scratch) {
		kv := head / (h.Q / h.KV) * h.Dim
		s.f = grow(s.f, n)
		p := s.f
		e.small(s, p, n, 1, n, h.Dim, Rows(q[head*h.Dim:], qd), Rows(k[kv:], kd), false, Full)
		l := e.ExpSum(p, p, Max(p))
		e.Scale(p, p, Recip(l))
		out := o[head*h.Dim:][:h.Dim]
		e.small(s, out, qd, 1, h.Dim, n, Rows(p, n), Mat{v[kv:], 1, kd}, false, Full)
		e.Round(out, out)
	})
}
