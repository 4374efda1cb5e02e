package exact

import "math"

// Host scalars (schedules, RoPE angles) use float64 and only + - * / and the functions below, so that tables have the
// same bits on every processor: the standard library's versions are assembly on some architectures.
// Every product that feeds an addition is converted explicitly, which forbids the compiler to fuse it.

const (
	ln2Hi64 = 6.93147180369123816490e-01
	ln2Lo64 = 1.90821492927058770002e-10
	pi2Hi   = 0x1.921fb54442d18p+0  // the leading bits of pi/2
	pi2Lo   = 0x1.1a62633145c07p-54 // pi/2 - pi2Hi
)

// Exp64 is e^x for |x| < 700, to about one ulp: argument reduction by ln 2 and a Taylor sum to x^13.
func Exp64(x float64) float64 {
	n := math.RoundToEven(x / math.Ln2)
	r := x - float64(n*ln2Hi64)
	r -= float64(n * ln2Lo64)
	p := 1.0
	for k := 14; k >= 1; k-- {
		p = 1 + float64(float64(r*p)/float64(k))
	}
	return float64(p * math.Float64frombits(uint64(int64(n)+1023)<<52))
}

// Log64 is the natural logarithm of x > 0 (normal numbers): Newton steps on Exp64 from a coarse start.
func Log64(x float64) float64 {
	bits := math.Float64bits(x)
	e := float64(int64(bits>>52) - 1023)
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	// log m = 2 atanh((m-1)/(m+1)), m in [1,2): the series in s^2 <= 1/9 converges to float64 in 17 terms.
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	p := 0.0
	for k := 37; k >= 1; k -= 2 {
		p = float64(p*s2) + 1/float64(k)
	}
	return float64(2*float64(s*p)) + float64(e*math.Ln2)
}

// Pow64 is b^y for b > 0.
func Pow64(b, y float64) float64 { return Exp64(float64(y * Log64(b))) }

// SinCos64 returns sin x and cos x for |x| < 2^20 (angles of positions): Cody-Waite reduction by pi/2 and Taylor sums.
func SinCos64(x float64) (sin, cos float64) {
	n := math.RoundToEven(x / pi2Hi)
	// n has at most 20 bits and pi2Hi is split so that the product n*pi2 is exact in two parts.
	const hi = 0x1.921fb544p+0
	const mid = pi2Hi - hi
	r := x - float64(n*hi)
	r -= float64(n * mid)
	r -= float64(n * pi2Lo)
	r2 := float64(r * r)
	s, c := 1.0, 1.0
	for k := 18; k >= 2; k -= 2 {
		s = 1 - float64(float64(r2*s)/float64(k*(k+1)))
		c = 1 - float64(float64(r2*c)/float64(k*(k-1)))
	}
	s *= r
	switch int64(n) & 3 {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	}
	return -c, s
}
