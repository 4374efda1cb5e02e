package loss

import (
	"math"

	"github.com/weftnet/weft/trainer/exact"
)

// The functions of one number. They use + - * / and trainer/exact's functions only; every product that feeds an
// addition is rounded by a conversion (docs/losses.md, "Evaluation").

// Exp64 is defined below this magnitude.
const maxExp = 700

// exp is e^x; +0 below -700 and infinite above 700.
func exp(x float64) float64 {
	switch {
	case x > maxExp:
		return math.Inf(1)
	case x < -maxExp:
		return 0
	case x != x:
		return x
	}
	return exact.Exp64(x)
}

// least is the smallest normal number, 2^-1022.
const least = 0x1p-1022

// ln is the natural logarithm; not a number for x ≤ 0.
func ln(x float64) float64 {
	switch {
	case !(x > 0):
		return math.NaN()
	case x > math.MaxFloat64:
		return x
	case x < least:
		return exact.Log64(float64(x*0x1p54)) - float64(54*math.Ln2)
	}
	return exact.Log64(x)
}

func sigmoid(x float64) float64 {
	if x < 0 {
		e := exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + exp(-x))
}

func tanh(x float64) float64 {
	if x < 0 {
		return -tanh(-x)
	}
	e := exp(float64(-2 * x))
	return (1 - e) / (1 + e)
}

// softplus is log(1 + e^x).
func softplus(x float64) float64 {
	if x < 0 {
		return ln1p(exp(x))
	}
	return x + ln1p(exp(-x))
}

// ln1p is log(1 + e) for 0 ≤ e ≤ 1, with the rounding of 1 + e taken back (Goldberg, "What every computer scientist
// should know about floating-point arithmetic", 1991, theorem 4).
func ln1p(e float64) float64 {
	u := 1 + e
	if u == 1 {
		return e
	}
	return float64(ln(u)*e) / (u - 1)
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// minimum is the lesser of two numbers, the first if they are equal, and whichever is not a number.
func minimum(x, y float64) float64 {
	if y < x || y != y {
		return y
	}
	return x
}

func maximum(x, y float64) float64 {
	if y > x || y != y {
		return y
	}
	return x
}

func equal(x, y float64) float64 {
	if x == y {
		return 1
	}
	return 0
}
