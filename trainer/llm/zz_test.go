package llm

import (
	"fmt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestZZTimes(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	th, _ := strconv.Atoi(os.Getenv("TH"))
	num := exact.BFloat16
	if os.Getenv("ZZ") == "f32" {
		num = exact.F32
	}
	m := randomModel(t, smol, num, os.Getenv("WEFT_ENGINE"), th)
	ad, _ := smol.NewAdapter(lora.Spec{Rank: 8, Alpha: 16, Targets: Projections})
	ad.Init([32]byte{})
	grad := make([]float32, len(ad.Params))
	batch := randomBatch(smol, 257, 257, 257, 257)
	if os.Getenv("LEN") != "" {
		n, _ := strconv.Atoi(os.Getenv("LEN"))
		batch = randomBatch(smol, n+1)
	}
	rows := 0
	for _, s := range batch {
		for i := range s.Loss {
			s.Loss[i] = i > 0
		}
		rows += len(s.IDs) - 1
	}
	w := m.NewWork(th)
	w.Grad(grad, ad, nil, batch)
	w.ResetTimes()
	st := time.Now()
	const N = 4
	for range N {
		w.Grad(grad, ad, nil, batch)
	}
	el := time.Since(st)
	fmt.Printf("tok/s %.1f  step %v\n", float64(N*rows)/el.Seconds(), el/N)
	for _, x := range w.Times() {
		fmt.Printf("  %-20s %v\n", x.Name, x.Total/N)
	}
}
