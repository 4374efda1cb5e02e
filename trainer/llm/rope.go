package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/weftnet/weft/trainer/exact"
)

// Names of the ways to scale rotary frequencies.
const (
	RopeLinear = "linear" // every frequency is divided by Factor
	RopeLlama3 = "llama3" // the slow ones are divided by Factor, the fast ones kept, those between interpolated
)

// RopeScaling changes the rotary frequencies of a base that was stretched to more positions than it was first trained on.
type RopeScaling struct {
	Type   string // "", RopeLinear or RopeLlama3
	Factor float64

	// Of RopeLlama3: a frequency is slow if it turns fewer than LowFreq times in Original positions, and fast if it turns
	// more than HighFreq times.
	LowFreq, HighFreq float64
	Original          int
}

// ropeFile is rope_scaling, or the newer rope_parameters, which holds rope_theta too. It is nil where the file says null.
type ropeFile map[string]json.RawMessage

// rope reads the rotary base and scaling. The base within the parameters comes before the one beside them, as does
// original_max_position_embeddings beside them before the one within: so does transformers.
func (f configFile) rope() (theta float64, s RopeScaling, err error) {
	name, raw := "rope_parameters", f.RopeParams
	if len(f.RopeScaling) > 0 {
		if len(f.RopeParams) > 0 {
			return 0, s, errors.New("config.json: both rope_scaling and rope_parameters are given")
		}
		name, raw = "rope_scaling", f.RopeScaling
	}
	theta = f.Theta
	partial, old := 1.0, ""
	known := map[string]any{"rope_type": &s.Type, "type": &old, "rope_theta": &theta, "factor": &s.Factor, "low_freq_factor": &s.LowFreq,
		"high_freq_factor": &s.HighFreq, "original_max_position_embeddings": &s.Original, "partial_rotary_factor": &partial}
	var foreign []string
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		to, ok := known[key]
		if !ok {
			if string(raw[key]) != "null" {
				foreign = append(foreign, key)
			}
			continue
		}
		if err := json.Unmarshal(raw[key], to); err != nil {
			return 0, s, fmt.Errorf("config.json: %s.%s: %w", name, key, err)
		}
	}
	if s.Type == "" {
		s.Type = old
	}
	if f.Original != nil {
		s.Original = *f.Original
	}
	if s.Original == 0 {
		s.Original = f.MaxPositions
	}
	return theta, s.trim(), errors.Join(s.check(name, old), f.checkRope(name, foreign, partial, theta))
}

// trim clears what the type does not use, so that equal scalings compare equal.
func (s RopeScaling) trim() RopeScaling {
	switch s.Type {
	case RopeLlama3:
		return s
	case RopeLinear:
		return RopeScaling{Type: s.Type, Factor: s.Factor}
	}
	return RopeScaling{}
}

func (s RopeScaling) check(name, old string) error {
	if old != "" && s.Type != old {
		return fmt.Errorf("config.json: %s has rope_type %q and type %q", name, s.Type, old)
	}
	switch s.Type {
	case "", "default":
		return nil
	case RopeLinear, RopeLlama3:
	default:
		return fmt.Errorf("config.json: %s of type %q is not supported (default, %s, %s)", name, s.Type, RopeLinear, RopeLlama3)
	}
	if !(s.Factor >= 1 && s.Factor <= 1<<20) {
		return fmt.Errorf("config.json: %s.factor %g must be between 1 and 2^20", name, s.Factor)
	}
	if s.Type == RopeLinear {
		return nil
	}
	if !(s.LowFreq > 0 && s.LowFreq < s.HighFreq && s.HighFreq <= 1<<20) {
		return fmt.Errorf("config.json: %s.low_freq_factor %g and high_freq_factor %g must rise, from above 0 to at most 2^20",
			name, s.LowFreq, s.HighFreq)
	}
	if s.Original < 1 || s.Original > 1<<24 {
		return fmt.Errorf("config.json: original_max_position_embeddings %d must be between 1 and 2^24", s.Original)
	}
	return nil
}

func (f configFile) checkRope(name string, foreign []string, partial, theta float64) error {
	var p problems
	for _, key := range foreign {
		p.refuse(true, "%s.%s is not supported", name, key)
	}
	p.refuse(partial != 1, "%s.partial_rotary_factor %g is not supported (1)", name, partial)
	p.refuse(!(theta > 1), "rope_theta %g must exceed 1", theta)
	return errors.Join(p...)
}

// Frequency is the scaled form of f, which is in radians per position. Each operation is one rounding to float64
// (docs/numerics.md): the conversions keep a compiler from fusing them.
func (s RopeScaling) Frequency(f float64) float64 {
	switch s.Type {
	case RopeLinear:
		return f / s.Factor
	case RopeLlama3:
		length := 2 * math.Pi / f
		original := float64(s.Original)
		if length > original/s.LowFreq {
			return f / s.Factor
		}
		if length < original/s.HighFreq {
			return f
		}
		keep := (original/length - s.LowFreq) / (s.HighFreq - s.LowFreq)
		return float64((1-keep)*f)/s.Factor + float64(keep*f)
	}
	return f
}

// ropeTables returns cos and sin of pos*Frequency(theta^(-2i/head)) for positions [0,n), [positions][head/2] each, from
// float64 rounded once to float32.
func ropeTables(c Config, n int) (cos, sin []float32) {
	half := c.Head / 2
	cos, sin = make([]float32, n*half), make([]float32, n*half)
	freq := make([]float64, half) // [head/2]
	for i := range freq {
		freq[i] = c.Rope.Frequency(exact.Pow64(c.RopeTheta, -2*float64(i)/float64(c.Head)))
	}
	for t := range n {
		for i, f := range freq {
			s, co := exact.SinCos64(float64(float64(t) * f))
			cos[t*half+i], sin[t*half+i] = float32(co), float32(s)
		}
	}
	return cos, sin
}
