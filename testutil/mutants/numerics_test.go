package mutants

const (
	product  = "trainer/exact/product.go"
	scalar   = "trainer/exact/scalar.go"
	tile     = "trainer/exact/kernel_go.go"
	rowGo    = "trainer/exact/rows_go.go"
	reduceGo = "trainer/exact/reduce.go"

	multiplyAdd = "acc[j] = FMA(v, math.Float32frombits(bu[j]), acc[j])"
)

// numericMutants compute the right thing in another order or with other roundings: as other hardware and libraries do.
var numericMutants = []mutant{
	{"even element of a pair first", []check{vectors}, []edit{
		{tile, "\t\tfor u := range k {\n\t\t\t//", "\t\tfor u := range k {\n\t\t\tif a.num == BFloat16 {\n\t\t\t\tu ^= 1\n\t\t\t}\n\t\t\t//"}}},
	{"a pair summed before it is added, as AMX does", []check{vectors}, []edit{
		{tile, "if w == 0 {", "if w == 0 && a.num == F32 {"},
		{tile, "if a.num == BFloat16 {\n\t\t\t\tfor j := range acc {\n\t\t\t\t\tacc[j] += float32(v * math.Float32frombits(bu[j]))\n",
			"if a.num == BFloat16 {\n\t\t\t\tfor j := range acc {\n\t\t\t\t\tif u%2 == 1 {\n" +
				"\t\t\t\t\t\tfirst := math.Float32frombits(x[i*row+(u-1)*unit]) * math.Float32frombits(b[(u-1)*goNR+j])\n" +
				"\t\t\t\t\t\tacc[j] += float32(first + float32(v*math.Float32frombits(bu[j])))\n\t\t\t\t\t}\n"}}},
	{"two halves of k added up at the end", []check{vectors}, []edit{
		{tile, "var acc [goNR]float32", "var acc, half [goNR]float32"},
		{tile, multiplyAdd, "if u < k/2 {\n" + multiplyAdd + "\n} else {\nhalf[j] = FMA(v, math.Float32frombits(bu[j]), half[j])\n}"},
		{tile, "*out = acc", "for j := range acc {\nacc[j] += half[j]\n}\n*out = acc"}}},
	{"blocks of k added up at the end", []check{vectors}, []edit{
		{product, "x := t.left(s.A, m, u0, u1)",
			"x := t.left(s.A, m, u0, u1)\nsave := append([]float32(nil), c[:(m-1)*ldc+(p1-p0)*t.k.nr]...)\nfresh := cont && u0 > s.From"},
		{product, "x, t.panel(s.B, p, u0, u1), cont)", "x, t.panel(s.B, p, u0, u1), cont && !fresh)"},
		{product, "\t\tcont = true\n", "\t\tcont = true\n\t\tfor i := 0; fresh && i < m; i++ {\n\t\t\tfor j := range (p1 - p0) * t.k.nr {\n" +
			"\t\t\t\tc[i*ldc+j] += save[i*ldc+j]\n\t\t\t}\n\t\t}\n"}}},
	{"product and sum each rounded", []check{vectors}, []edit{
		{tile, multiplyAdd, "acc[j] += float32(v * math.Float32frombits(bu[j]))"}}},
	{"fused multiply-add rounded to float64 first", []check{vectors}, []edit{
		{scalar, "if u&midMask != midBits && u&expMask >= expTiny || s == 0 {", "if u >= 0 {"}}},
	{"denormals flushed instead of what is below 2^-40", []check{vectors}, []edit{
		{scalar, "const flushBits = 0x2b800000", "const flushBits = 0x00800000"}}},
	{"2^-40 itself flushed", []check{vectors}, []edit{
		{scalar, "&0x7fffffff < flushBits", "&0x7fffffff <= flushBits"}}},
	{"bfloat16 by cutting", []check{vectors}, []edit{
		{scalar, "\tu += 0x7fff + u>>16&1\n", ""}}},
	{"bfloat16 with ties away from zero", []check{vectors}, []edit{
		{scalar, "u += 0x7fff + u>>16&1", "u += 0x8000"}}},
	{"lanes added to their neighbours first", []check{vectors}, []edit{
		{reduceGo, "l[i] += l[i+w]", "l[i] = l[2*i] + l[2*i+1]"}}},
	{"lanes added one after the other", []check{vectors}, []edit{
		{reduceGo, "for w := 8; w >= 1; w /= 2 {\n\t\tfor i := range w {\n\t\t\tl[i] += l[i+w]\n\t\t}\n\t}",
			"for i := 1; i < lanes; i++ {\n\t\tl[0] += l[i]\n\t}"}}},
	{"no blocks in reductions", []check{vectors}, []edit{
		{reduceGo, "block = 4096", "block = 1 << 30"}}},
	{"NaN wins a maximum", []check{vectors}, []edit{
		{rowOps, "for _, v := range x[n:] {\n\t\tif v > m {", "for _, v := range x[n:] {\n\t\tif !(v <= m) {"}}},
	{"D as the sum of P·dP", []check{vectors}, []edit{
		{attentionGrad, "t.Dot(g.do[d:], a.o[d:], a.h.Dim)", "func() (s float32) {\n\t\t\t\t_ = d\n\t\t\t\tfor j := range lo + r + 1 {\n" +
			"\t\t\t\t\ts = FMA(t.get(pw[r*ldp:], j), dp[r*lds+j], s)\n\t\t\t\t}\n\t\t\t\treturn s\n\t\t\t}()"}}},
	{"softmax by division", []check{vectors}, []edit{
		{scalar, "y := math.Float32frombits(0x7ef311c7 - math.Float32bits(x))", "if x > 0 {\n\t\treturn 1 / x\n\t}\n\ty := x"}}},
	{"unfused rotation", []check{vectors}, []edit{
		{rowOps, "y0[i] = FMA(x, c[i], -float32(y*s[i]))", "y0[i] = float32(x*c[i]) - float32(y*s[i])"}}},
	{"products of SwiGLU in another order", []check{vectors}, []edit{
		{rowGo, "float32(float32(v*Sigmoid(v))*a.get(u, i))", "float32(v*float32(Sigmoid(v)*a.get(u, i)))"}}},
	{"a norm's factors in another order", []check{vectors}, []edit{
		{rowGo, "float32(float32(Z(x[i])*r)*w[i]))\n\t}\n}\n\nfunc (a *arith) dsoftmaxGo",
			"float32(Z(x[i])*float32(r*w[i])))\n\t}\n}\n\nfunc (a *arith) dsoftmaxGo"}}},

	{"one chain over the sequences that are computed together", []check{bits}, []edit{
		{factors, "for _, sp := range w.spans {", "for _, sp := range []exact.Span{{Lo: 0, Len: w.n}} {"}}},
	{"the scale on scores instead of q", []check{roots}, []edit{
		{forward, "t.Scale(dst, y, w.m.Config.attnScale())", "t.Round(dst, y)"},
		{attention, "package exact\n", "package exact\n\nimport \"math\"\n"},
		{attention, "\treturn s, ld\n", "\tt.Mul(s, s, float32(1/math.Sqrt(float64(a.h.Dim))))\n\treturn s, ld\n"}}},
	{"LoRA's hidden values rounded late: cut where they are used", []check{roots}, []edit{
		{factors, "\t\t\tt.Round(h[(i*f.count[gi]+j)*ur:], c[i*ld+j*r:][:r])\n",
			"\t\t\tdst := h[(i*f.count[gi]+j)*ur:][:ur]\n\t\t\tt.Round(dst, c[i*ld+j*r:][:r])\n\t\t\tfor k, v := range c[i*ld+j*r:][:r] {\n" +
				"\t\t\t\tt.Put(dst, k, math.Float32frombits(math.Float32bits(v)&^0xffff))\n\t\t\t}\n"},
		{factors, "import (\n", "import (\n\t\"math\"\n\n"}}},
	{"LoRA's tail as a product of its own", []check{roots}, []edit{
		{factors, "w.panels(t, y, ld, m, p0, p1, true, exact.Part(f.slot(w, gi, p, h), f.b[p]))",
			"own := make([]float32, len(y))\n\t\tw.panels(t, own, ld, m, p0, p1, false, exact.Part(f.slot(w, gi, p, h), f.b[p]))\n\t\tt.Add(y, " +
				"y, own)"}}},
	{"gradients of q, k and v added up", []check{roots}, []edit{
		{factors, "\tf, cont := &w.fac[l], false\n\tfor i, p := range groups[gi] {\n",
			"\tf, cont := &w.fac[l], false\n\town := make([]float32, len(dx))\n\tfor i, p := range groups[gi] {\n" +
				"\t\tif i > 0 {\n\t\t\tw.panels(t, own, ld, m, p0, p1, false, exact.Part(exact.Dense(dy[i], len(dy[i])/m), " +
				"w.m.layers[l].proj[p].bwd))\n" +
				"\t\t\tt.Add(dx, dx, own)\n\t\t\tcontinue\n\t\t}\n"}}},
}
