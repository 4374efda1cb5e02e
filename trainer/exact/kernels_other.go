//go:build !amd64

package exact

// kernels lists what this processor can run for n: the definition itself.
func kernels(n Numerics) []kernel { return []kernel{goKernel(n)} }
