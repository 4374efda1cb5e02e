package exact

import "golang.org/x/sys/cpu"

// kernels lists what this processor can run for n, fastest first.
func kernels(n Numerics) []kernel {
	var ks []kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		if n == BFloat16 && cpu.X86.HasAVX512BF16 {
			ks = append(ks, kernel{name: "avx512bf16", mr: 12, nr: 32, pairs: true, rows: rowsOf(n), tiles: []tileFunc{
				tileBF16_1, tileBF16_2, tileBF16_3, tileBF16_4, tileBF16_5, tileBF16_6,
				tileBF16_7, tileBF16_8, tileBF16_9, tileBF16_10, tileBF16_11, tileBF16_12}})
		}
		ks = append(ks, kernel{name: "avx512", mr: 12, nr: 32, rows: rowsOf(n), tiles: []tileFunc{
			tileAVX512_1, tileAVX512_2, tileAVX512_3, tileAVX512_4, tileAVX512_5, tileAVX512_6,
			tileAVX512_7, tileAVX512_8, tileAVX512_9, tileAVX512_10, tileAVX512_11, tileAVX512_12}})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		ks = append(ks, kernel{name: "avx2", mr: 6, nr: 16, rows: rowsOf(n), tiles: []tileFunc{
			tileAVX2_1, tileAVX2_2, tileAVX2_3, tileAVX2_4, tileAVX2_5, tileAVX2_6}})
	}
	return append(ks, goKernel())
}
