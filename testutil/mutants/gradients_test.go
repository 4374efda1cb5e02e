package mutants

const (
	attention     = "trainer/exact/attention.go"
	attentionGrad = "trainer/exact/attention_grad.go"
	rowOps        = "trainer/exact/rows.go"
	factors       = "trainer/llm/factors.go"
	forward       = "trainer/llm/forward.go"
	gradient      = "trainer/llm/grad.go"
	head          = "trainer/llm/head.go"
)

// gradientMutants are wrong backward passes: by a sign, a scale, a transpose, a sum, a step left out, a term. The first
// eight are judged by the float64 oracle and by finite differences alike.
var gradientMutants = []mutant{
	{"sign of a norm's second term", []check{oracle, differences}, []edit{
		{rowOps, "c := Z(float32(float32(float32(s*r)", "c := -Z(float32(float32(float32(s*r)"}}},
	{"sign of the inverse rotation", []check{oracle, differences}, []edit{
		{"trainer/llm/work.go", "w.nsin[i] = -s", "w.nsin[i] = s"}}},
	{"no attention scale in the gradient", []check{oracle, differences}, []edit{
		{gradient, "t.Mul(dy, dy, c.attnScale())", "t.Mul(dy, dy, 1)"}}},
	{"no LoRA scale in the gradient of B", []check{oracle, differences}, []edit{
		{factors, "w.grad[f.at[k.p].bLo:], w.ad.Spec.Scale()", "w.grad[f.at[k.p].bLo:], float32(1)"}}},
	{"square weights not transposed", []check{oracle, differences}, []edit{
		{"trainer/llm/model.go", "\treturn linear{out, in, fwd, fwd.Transpose(r.e, in)}",
			"\tif out == in {\n\t\treturn linear{out, in, fwd, fwd}\n\t}\n\treturn linear{out, in, fwd, fwd.Transpose(r.e, in)}"}}},
	{"query heads of a group not added up", []check{oracle, differences}, []edit{
		{attentionGrad, "t.Panels(a.h.Dim), j > 0, Seg", "t.Panels(a.h.Dim), false, Seg"}}},
	{"no inverse rotation", []check{oracle, differences}, []edit{
		{gradient, "\tw.rotate(t, dy, row, w.nsin)\n", ""}}},
	{"a norm's second term with r squared for r cubed", []check{oracle, differences}, []edit{
		{rowOps, "float32(float32(s*r)*float32(r*r))", "float32(float32(s*r)*r)"}}},

	{"no subtraction of D in softmax's gradient", []check{oracle}, []edit{
		{attentionGrad, "t.Dot(g.do[d:], a.o[d:], a.h.Dim)", "0*t.Dot(g.do[d:], a.o[d:], a.h.Dim)"}}},
	{"no label in the gradient of the logits", []check{oracle}, []edit{
		{head, "exact.FMA(row[y], r, -1)", "exact.FMA(row[y], r, 0)"}}},
	{"no residual gradient past the second norm", []check{oracle}, []edit{
		{gradient, "x[r*d:(r+1)*d], row, rs[r]", "x[r*d:(r+1)*d], make([]float32, d), rs[r]"}}},
	{"gradient of LoRA's hidden values left out of dX", []check{oracle}, []edit{
		{factors, "w.panels(t, dx, ld, m, p0, p1, true, exact.Part(f.slot(w, gi, p, dh), f.aT[p]))", "_ = p"}}},
	{"a key's gradient from later positions only", []check{oracle}, []edit{
		{attentionGrad, "from := lo / t.PerUnit()\n", "from := (lo + m - 1) / t.PerUnit()\n"}}},

	{"the mean of a head's norm over the width", []check{families}, []edit{
		{gradient, "rs[row*heads+h], c.invHead())", "rs[row*heads+h], c.invHidden())"}}},
	{"bias of values only", []check{families}, []edit{
		{forward, "if b := ly.bias[p]; b != nil {", "if b := ly.bias[p]; b != nil && p == projV {"}}},
	{"long and short waves exchanged in RoPE scaling", []check{rope}, []edit{
		{"trainer/llm/rope.go", "if length < original/s.HighFreq {", "if length > original/s.HighFreq {"}}},
}
