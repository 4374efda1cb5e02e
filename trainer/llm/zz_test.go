package llm

import (
	"fmt"
	"github.com/weftnet/weft/trainer/exact"
	"github.com/weftnet/weft/trainer/lora"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"
)

func rss() string {
	b, _ := os.ReadFile("/proc/self/status")
	o := ""
	for l := range strings.Lines(string(b)) {
		if strings.HasPrefix(l, "VmHWM") || strings.HasPrefix(l, "VmRSS") {
			o += strings.TrimSpace(l) + " "
		}
	}
	return o
}
func TestZZTimes(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	debug.SetGCPercent(10)
	th, _ := strconv.Atoi(os.Getenv("TH"))
	num := exact.BFloat16
	if os.Getenv("ZZ") == "f32" {
		num = exact.F32
	}
	c := smol
	if os.Getenv("BIG") != "" {
		c = Config{Layers: 24, Hidden: 2048, FF: 8192, Heads: 32, KVHeads: 32, Head: 64, Vocab: 49152, MaxPositions: 8192, Eps: 1e-5, RopeTheta: 130000, Tied: true, BOS: -1}
	}
	mem, _ := strconv.Atoi(os.Getenv("MEM"))
	e, _ := exact.NewNamed(num, th, os.Getenv("WEFT_ENGINE"))
	m, err := Load(c, randomWeights{c}, e, int64(mem)<<20)
	if err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory()
	fmt.Println("loaded", rss())
	ad, _ := c.NewAdapter(lora.Spec{Rank: 8, Alpha: 16, Targets: Projections})
	ad.Init([32]byte{})
	grad := make([]float32, len(ad.Params))
	batch := randomBatch(c, 257, 257, 257, 257)
	if os.Getenv("LEN") != "" {
		n, _ := strconv.Atoi(os.Getenv("LEN"))
		batch = randomBatch(c, n+1)
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
	N := 4
	if os.Getenv("N") != "" {
		N, _ = strconv.Atoi(os.Getenv("N"))
	}
	for range N {
		w.Grad(grad, ad, nil, batch)
	}
	el := time.Since(st)
	fmt.Printf("tok/s %.1f  step %v kept %d copies %d MB %s\n", float64(N*rows)/el.Seconds(), el/time.Duration(N), w.kept, m.copyBytes()>>20, rss())
	for _, x := range w.Times() {
		fmt.Printf("  %-20s %v\n", x.Name, x.Total/time.Duration(N))
	}
}
