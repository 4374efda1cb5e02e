package exact

import "math"

// flushBits is the bit pattern of 2^-40: smaller magnitudes are +0 wherever they enter a product (docs/numerics.md, R1).
const flushBits = 0x2b800000

// Z flushes x to +0 when |x| < 2^-40. NaN passes.
func Z(x float32) float32 {
	if math.Float32bits(x)&0x7fffffff < flushBits {
		return 0
	}
	return x
}

// BF16 rounds x to bfloat16 (nearest, ties to even) and flushes the result; the value is returned as a float32.
func BF16(x float32) float32 {
	u := math.Float32bits(x)
	u += 0x7fff + u>>16&1
	return Z(math.Float32frombits(u &^ 0xffff))
}

// FMA is a*b+c rounded once to float32. It works in float64, where the product is exact. Rounding the sum twice, to
// float64 and then to float32, errs only if the first rounding lands on the midpoint of two float32 numbers (or among
// the denormals, whose midpoints lie elsewhere); then the first rounding is made to odd, which makes the second harmless
// (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
func FMA(a, b, c float32) float32 {
	p := float64(float64(a) * float64(b))
	s := p + float64(c)
	u := math.Float64bits(s)
	if u&midMask != midBits && u&expMask >= expTiny || s == 0 {
		return float32(s)
	}
	return roundOdd(p, float64(c), s)
}

const (
	midMask = 1<<29 - 1          // the bits of a float64 below float32's precision
	midBits = 1 << 28            // … of a midpoint
	expMask = 0x7ff << 52        // exponent
	expTiny = (1023 - 126) << 52 // of the smallest normal float32
)

// roundOdd rounds p+z to float32 by way of an odd float64, given s, their float64 sum.
func roundOdd(p, z, s float64) float32 {
	bb := s - p
	e := (p - (s - bb)) + (z - bb)
	if u := math.Float64bits(s); (e > 0 || e < 0) && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
		s = math.Float64frombits(u)
	}
	return float32(s)
}

// Recip is 1/x for x > 0, by three Newton steps from a bit-trick estimate; at most 0.501 ulp.
func Recip(x float32) float32 {
	y := math.Float32frombits(0x7ef311c7 - math.Float32bits(x))
	for range 3 {
		e := FMA(-x, y, 1)
		y = FMA(y, e, y)
	}
	return y
}

// Rsqrt is x^-1/2 for x > 0, by three Newton steps; at most 0.86 ulp.
func Rsqrt(x float32) float32 {
	h := 0.5 * x
	y := math.Float32frombits(0x5f375a86 - math.Float32bits(x)>>1)
	for range 3 {
		e := FMA(-h, float32(y*y), 0.5)
		y = FMA(y, e, y)
	}
	return y
}

const (
	expLow   = -64
	expHigh  = 64
	log2e    = 0x1.715476p0
	magic    = 0x1.8p23
	negLn2Hi = -0x1.62e4p-1
	negLn2Lo = -0x1.7f7d1cp-20
)

// expPoly holds c6..c2 of the exponential's polynomial; c1 and c0 are 1.
var expPoly = [5]float32{0x1.6d4366p-10, 0x1.120ba6p-7, 0x1.5554e8p-5, 0x1.5554dcp-3, 0.5}

// Exp is e^x: +0 below -64, and the argument is capped at 64; at most 0.96 ulp between.
func Exp(x float32) float32 {
	if x < expLow {
		return 0
	}
	if x > expHigh {
		x = expHigh
	}
	n := FMA(x, log2e, magic)
	bits := math.Float32bits(n)
	n -= magic
	r := FMA(n, negLn2Hi, x)
	r = FMA(n, negLn2Lo, r)
	p := expPoly[0]
	for _, c := range expPoly[1:] {
		p = FMA(p, r, c)
	}
	p = FMA(p, r, 1)
	p = FMA(p, r, 1)
	return p * math.Float32frombits(bits<<23+0x3f800000)
}

// Sigmoid is 1/(1+e^-x); at most 2.5 ulp.
func Sigmoid(x float32) float32 { return Recip(1 + Exp(-x)) }

// logPoly holds c3..c11 of the polynomial of log(1+f); c2 is -0.5 and c1 is 1.
var logPoly = [9]float32{0x1.555554p-2, -0x1.fffff2p-3, 0x1.999d5p-3, -0x1.555ed8p-3, 0x1.23d6b4p-3,
	-0x1.fc5b4cp-4, 0x1.dda7dp-4, -0x1.d9f4d6p-4, 0x1.24da98p-4}

// Log is the natural logarithm of x >= 1; at most 0.90 ulp on [1, 2^24).
func Log(x float32) float32 {
	u := math.Float32bits(x) - 0x3f3504f3
	e := float32(int32(u >> 23))
	f := math.Float32frombits(u&0x7fffff+0x3f3504f3) - 1
	p := logPoly[8]
	for i := 7; i >= 0; i-- {
		p = FMA(p, f, logPoly[i])
	}
	y := FMA(f, p, -0.5)
	r := FMA(float32(f*f), y, f)
	r = FMA(e, -2.1219444e-4, r)
	return FMA(e, 0.693359375, r)
}

// Finite reports whether every element of x [n] is neither infinite nor NaN.
func Finite(x []float32) bool {
	for _, v := range x {
		if !finite(v) {
			return false
		}
	}
	return true
}

func finite(v float32) bool { return math.Float32bits(v)&0x7f800000 != 0x7f800000 }
