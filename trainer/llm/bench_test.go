package llm

import (
	"testing"

	"github.com/weftnet/weft/ckpt"
	"github.com/weftnet/weft/trainer/exact"
)

// smol is SmolLM2-135M's shape.
var smol = Config{Layers: 30, Hidden: 576, FF: 1536, Heads: 9, KVHeads: 3, Head: 64, Vocab: 49152, MaxPositions: 8192, Eps: 1e-5, RopeTheta: 100000, Tied: true, BOS: -1}

func BenchmarkStep(b *testing.B) {
	for _, n := range []exact.Numerics{exact.BFloat16, exact.F32} {
		b.Run(string(n), func(b *testing.B) {
			m := randomModel(b, smol, n, "", 0)
			ad, err := smol.NewAdapter(ckpt.AdapterSpec{Rank: 8, Alpha: 16, Targets: Projections})
			if err != nil {
				b.Fatal(err)
			}
			ad.Init([32]byte{})
			grad := make([]float32, len(ad.Params))
			batch := randomBatch(smol, 257, 257, 257, 257)
			for _, s := range batch {
				for i := range s.Loss {
					s.Loss[i] = i > 0
				}
			}
			w := m.NewWork(0)
			for b.Loop() {
				if _, err := w.Grad(grad, ad, nil, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1024*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
