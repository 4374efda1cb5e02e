package exact

import "golang.org/x/sys/cpu"

// kernels lists what this processor can run for n, fastest first.
func kernels(n Numerics) []kernel {
	var ks []kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL {
		if n == BFloat16 && cpu.X86.HasAVX512BF16 {
			ks = append(ks, kernel{name: "avx512bf16", mr: 12, nr: 32, pairs: true, vector: true, tile: tileBF16})
		}
		ks = append(ks, kernel{name: "avx512", mr: 12, nr: 32, vector: true, tile: tileAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		ks = append(ks, kernel{name: "avx2", mr: 6, nr: 16, vector: true, tile: tileAVX2})
	}
	return append(ks, goKernel(n))
}
