package exact

// SumSquares is the sum of x[i]*x[i] over x [n] on the host: squares in float64, where they are exact, sixteen lanes over
// the flat order, and the fixed tree of Reduce.
func SumSquares(x []float32) float64 {
	var l [lanes]float64
	for i, v := range x {
		l[i%lanes] += float64(float64(v) * float64(v))
	}
	for w := lanes / 2; w >= 1; w /= 2 {
		for i := range w {
			l[i] += l[i+w]
		}
	}
	return l[0]
}
