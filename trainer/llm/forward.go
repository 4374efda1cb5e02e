package llm

// embed copies the token embeddings into the residual stream.
func (w *Work) embed() {
	d := w.m.Config.Hidden
	for t, id := range w.ids {
		copy(w.x[t*d:(t+1)*d], w.m.embed[int(id)*d:(int(id)+1)*d])
	}
}

// forwardLayer runs layer l over the rows of w.x; attend computes a.o from a.q, a.k, a.v.
func (w *Work) forwardLayer(l int, attend func(a *saved)) {
	c, a, ly, n := w.m.Config, &w.act[l], &w.m.layers[l], w.n
	d := c.Hidden
	copy(a.x, w.x[:n*d])
	w.rmsNorm(w.norm, a.x, ly.norm1, a.r1)
	w.project(l, 0, a.h[0], w.norm, a.q, a.k, a.v)
	w.rotate(a.q, c.Heads, 1)
	w.rotate(a.k, c.KVHeads, 1)
	w.e.Scale(a.q, a.q, c.attnScale())
	w.e.Round(a.k, a.k)
	w.e.Round(a.v, a.v)
	w.check(a.q)
	w.check(a.k)
	w.check(a.v)
	attend(a)
	w.project(l, 1, a.h[1], a.o, w.y)
	addTo(a.x1, a.x, w.y)
	w.check(a.x1)
	w.rmsNorm(w.norm, a.x1, ly.norm2, a.r2)
	w.project(l, 2, a.h[2], w.norm, a.g, a.u)
	w.e.Round(a.g, a.g)
	w.e.Round(a.u, a.u)
	w.check(a.g)
	w.check(a.u)
	w.e.SwiGLU(w.norm[:n*c.FF], a.g, a.u)
	w.project(l, 3, a.h[3], w.norm, w.y)
	addTo(w.x, a.x1, w.y)
	w.check(w.x[:n*d])
}

// attendAll is attention within the batch's sequences.
func (w *Work) attendAll(a *saved) {
	w.e.Attention(a.o, a.q, a.k, a.v, a.max, a.sum, w.n, w.m.Config.heads(), w.spans)
}

func (w *Work) rmsNorm(y, x, weight, r []float32) {
	d := len(weight)
	w.eachRow(func(t int) {
		r[t] = w.e.RMSNorm(y[t*d:(t+1)*d], x[t*d:(t+1)*d], weight, w.invHidden(), float32(w.m.Config.Eps))
	})
}

func (w *Work) applyNorm(y, x, weight, r []float32) {
	d := len(weight)
	w.eachRow(func(t int) {
		w.e.ApplyNorm(y[t*d:(t+1)*d], x[t*d:(t+1)*d], weight, r[t])
	})
}

func (w *Work) invHidden() float32 { return float32(1 / float64(w.m.Config.Hidden)) }

// rotate applies the rotary embedding in place to x [rows][heads*head] in Hugging Face's half-split layout; sign -1
// applies the inverse.
func (w *Work) rotate(x []float32, heads int, sign float32) {
	head := w.m.Config.Head
	half := head / 2
	sin := w.sin
	if sign < 0 {
		sin = w.nsin
	}
	w.eachRow(func(t int) {
		p := w.pos[t] * half
		for h := range heads {
			v := x[(t*heads+h)*head:][:head]
			w.e.Rotate(v[:half], v[half:], v[:half], v[half:], w.cos[p:p+half], sin[p:p+half])
		}
	})
}

// addTo is dst = a + b.
func addTo(dst, a, b []float32) {
	b = b[:len(dst)]
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}
