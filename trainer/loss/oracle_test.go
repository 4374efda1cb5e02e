package loss

import "math"

// reference evaluates a tree by the standard library, one token at a time: a second reading of docs/losses.md.
func reference(x *node, logp []float64) []float64 {
	arg := make([][]float64, len(x.args)) // [arguments][tokens], or [arguments][1] of a number
	for i, a := range x.args {
		arg[i] = reference(a, logp)
	}
	n := 1
	if x.vector {
		n = len(logp)
	}
	out := make([]float64, n) // [tokens], or [1] of a number
	for k := range out {
		v := make([]float64, len(arg))
		for i := range arg {
			v[i] = arg[i][min(k, len(arg[i])-1)]
		}
		switch x.name {
		case "number":
			out[k] = x.value
		case "logp":
			out[k] = logp[k]
		case "t":
			out[k] = float64(k)
		case "n":
			out[k] = float64(len(logp))
		case "neg":
			out[k] = -v[0]
		case "+":
			out[k] = v[0] + v[1]
		case "-":
			out[k] = v[0] - v[1]
		case "*":
			out[k] = v[0] * v[1]
		case "/":
			out[k] = v[0] / v[1]
		case "^":
			out[k] = math.Pow(v[0], x.value)
		case "exp":
			out[k] = math.Exp(v[0])
		case "log":
			if x.args[0].name == "sigmoid" {
				arg := reference(x.args[0].args[0], logp)
				v := arg[min(k, len(arg)-1)]
				out[k] = min(v, 0) - math.Log1p(math.Exp(-math.Abs(v)))
				break
			}
			out[k] = math.Log(v[0])
		case "sqrt":
			out[k] = math.Sqrt(v[0])
		case "abs":
			out[k] = math.Abs(v[0])
		case "sigmoid":
			out[k] = 1 / (1 + math.Exp(-v[0]))
		case "tanh":
			out[k] = math.Tanh(v[0])
		case "min":
			out[k] = min(v[0], v[1])
		case "max":
			out[k] = max(v[0], v[1])
		case "clip":
			out[k] = min(max(v[0], v[1]), v[2])
		case "sum", "mean":
			for _, e := range arg[0] {
				out[k] += e
			}
			if x.name == "mean" {
				out[k] /= float64(len(arg[0]))
			}
		}
	}
	return out
}
