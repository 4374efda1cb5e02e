package llm

import (
	"math"
	"strings"
	"testing"
)

// frequencies are what ropeTables turns by, [head/2]: the angle of position 1 is small enough to be read back from its sine.
func frequencies(t *testing.T, c Config) []float64 {
	t.Helper()
	cos, sin := ropeTables(c, 2)
	half := c.Head / 2
	if len(cos) != 2*half || len(sin) != 2*half {
		t.Fatalf("%d cosines and %d sines for 2 positions of %d angles", len(cos), len(sin), half)
	}
	f := make([]float64, half)
	for i := range f {
		if cos[i] != 1 || sin[i] != 0 {
			t.Errorf("angle %d of position 0 has cosine %g and sine %g", i, cos[i], sin[i])
		}
		f[i] = math.Atan2(float64(sin[half+i]), float64(cos[half+i]))
	}
	return f
}

// TestRopeFrequencies compares with transformers' modeling_rope_utils run in float64.
func TestRopeFrequencies(t *testing.T) {
	for name, k := range map[string]struct {
		c    Config
		want []float64
	}{
		"default": {Config{Head: 8, RopeTheta: 10000}, []float64{1, 0.1, 0.01, 0.001}},
		"linear":  {Config{Head: 8, RopeTheta: 10000, Rope: RopeScaling{Type: RopeLinear, Factor: 4}}, []float64{0.25, 0.025, 0.0025, 0.00025}},
		"Llama-3.2-1B": {Config{Head: 64, RopeTheta: 500000,
			Rope: RopeScaling{Type: RopeLlama3, Factor: 32, LowFreq: 1, HighFreq: 4, Original: 8192}},
			[]float64{1.0, 0.6636012376960885, 0.44036660267178046, 0.2922278225730151, 0.19392274474868576, 0.12868737343265052,
				0.08539710028576561, 0.056669621445291044, 0.03760603093086393, 0.024955408670558694, 0.016560440080994446,
				0.010989528534539826, 0.0072926647372171085, 0.004839421345719893, 0.0032114459947525913, 0.0012905479282092638,
				0.00042955679655936815, 9.70828780262767e-05, 1.9461638184831125e-05, 1.291476718704739e-05, 8.570255489881478e-06,
				5.687232150457046e-06, 3.7740542941082826e-06, 2.5044671007024935e-06, 1.661967467795309e-06, 1.102883668639601e-06,
				7.318749675440419e-07, 4.856731343010108e-07, 3.2229329303788936e-07, 2.138742281610915e-07, 1.4192720251899592e-07,
				9.418306725434909e-08}},
	} {
		got := frequencies(t, k.c)
		if len(got) != len(k.want) {
			t.Fatalf("%s: %d frequencies, want %d", name, len(got), len(k.want))
		}
		for i, w := range k.want {
			if math.Abs(got[i]-w) > 1e-7*w {
				t.Errorf("%s: frequency %d is %g, want %g", name, i, got[i], w)
			}
		}
	}
}

// TestRopeScaledExactly checks the float64 values themselves, of which the tables show float32 only.
func TestRopeScaledExactly(t *testing.T) {
	s := RopeScaling{Type: RopeLlama3, Factor: 32, LowFreq: 1, HighFreq: 4, Original: 8192}
	for f, want := range map[float64]float64{
		math.Pow(500000, -26.0/64): 0.004839421345719893,   // kept
		math.Pow(500000, -30.0/64): 0.0012905479282092638,  // interpolated
		math.Pow(500000, -34.0/64): 9.70828780262767e-05,   // interpolated
		math.Pow(500000, -36.0/64): 1.9461638184831125e-05, // divided
	} {
		if got := s.Frequency(f); math.Abs(got-want) > 1e-14*want {
			t.Errorf("%g becomes %.17g, want %.17g", f, got, want)
		}
	}
}

// llama3 is a whole rope_parameters.
const llama3 = `{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,` +
	`"original_max_position_embeddings":32,"rope_theta":5000}`

func TestRopeForms(t *testing.T) {
	scaled := RopeScaling{Type: RopeLlama3, Factor: 8, LowFreq: 1, HighFreq: 4, Original: 32}
	for _, k := range []struct {
		edit  map[string]string
		theta float64
		want  RopeScaling
	}{
		{nil, 10000, RopeScaling{}},
		{map[string]string{"rope_theta": "5e5", "rope_scaling": "null", "rope_parameters": "null"}, 5e5, RopeScaling{}},
		{map[string]string{"rope_theta": "5e5", "rope_scaling": "{}"}, 5e5, RopeScaling{}},
		{map[string]string{"rope_parameters": `{"rope_type":"default","rope_theta":500000.0}`}, 5e5, RopeScaling{}},
		{map[string]string{"rope_theta": "7",
			"rope_parameters": `{"rope_theta":500000.0,"partial_rotary_factor":1.0,"attention_factor":null}`}, 5e5, RopeScaling{}},
		{map[string]string{"rope_theta": "7", "rope_scaling": `{"type":"linear","factor":2.5}`}, 7, RopeScaling{Type: RopeLinear, Factor: 2.5}},
		{map[string]string{"rope_scaling": `{"type":"linear","rope_type":"linear","factor":2}`}, 10000, RopeScaling{Type: RopeLinear, Factor: 2}},
		{map[string]string{"rope_parameters": llama3}, 5000, scaled},
		{map[string]string{"rope_scaling": llama3}, 5000, scaled},
		{map[string]string{"rope_scaling": strings.Replace(llama3, `,"rope_theta":5000`, "", 1), "rope_theta": "6000"}, 6000, scaled},
		{map[string]string{"rope_scaling": strings.Replace(llama3, `_embeddings":32`, `_embeddings":48`, 1),
			"original_max_position_embeddings": "32"}, 5000, scaled},
		{map[string]string{"rope_scaling": strings.Replace(llama3, `"original_max_position_embeddings":32,`, "", 1),
			"max_position_embeddings": "32"}, 5000, scaled},
	} {
		c, err := ParseConfig(edited(t, "llama", k.edit))
		if err != nil || c.RopeTheta != k.theta || c.Rope != k.want {
			t.Errorf("%v: base %g and scaling %+v (error %v), want %g and %+v", k.edit, c.RopeTheta, c.Rope, err, k.theta, k.want)
		}
	}
}

func TestRopeRefusals(t *testing.T) {
	for _, k := range []struct{ field, value, want string }{
		{"rope_scaling", `{"type":"yarn","factor":4}`, `rope_scaling of type "yarn"`},
		{"rope_parameters", `{"rope_type":"dynamic","factor":4}`, `rope_parameters of type "dynamic"`},
		{"rope_scaling", `{"rope_type":"longrope","factor":4}`, `"longrope"`},
		{"rope_parameters", `{"rope_type":"proportional"}`, `"proportional"`},
		{"rope_scaling", `{"type":"mrope","mrope_section":[2,1,1]}`, `"mrope"`},
		{"rope_scaling", `{"type":"linear","rope_type":"llama3","factor":2}`, `rope_type "llama3" and type "linear"`},
		{"rope_scaling", `{"type":"linear"}`, "rope_scaling.factor 0"},
		{"rope_scaling", `{"type":"linear","factor":0.5}`, "rope_scaling.factor 0.5"},
		{"rope_scaling", `{"type":"linear","factor":2,"attention_factor":1.5}`, "rope_scaling.attention_factor is not supported"},
		{"rope_scaling", `{"type":"linear","factor":"2"}`, "rope_scaling.factor: json"},
		{"rope_parameters", `{"full_attention":{"rope_theta":5}}`, "rope_parameters.full_attention is not supported"},
		{"rope_parameters", `{"partial_rotary_factor":0.5}`, "partial_rotary_factor 0.5"},
		{"rope_parameters", strings.Replace(llama3, `"high_freq_factor":4`, `"high_freq_factor":1`, 1), "high_freq_factor 1 must rise"},
		{"rope_parameters", strings.Replace(llama3, `"low_freq_factor":1,`, "", 1), "low_freq_factor 0"},
		{"rope_parameters", strings.Replace(llama3, `_embeddings":32`, `_embeddings":-1`, 1), "original_max_position_embeddings -1"},
		{"rope_parameters", `[1]`, "rope_parameters"},
		{"rope_theta", "1", "rope_theta 1"},
		{"rope_parameters", `{"rope_theta":-1}`, "rope_theta -1"},
	} {
		_, err := ParseConfig(edited(t, "llama", map[string]string{k.field: k.value}))
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), "config.json: ") {
			t.Errorf("%s %s: error %v does not say %q", k.field, k.value, err, k.want)
		}
	}
	both := map[string]string{"rope_scaling": `{"type":"linear","factor":2}`, "rope_parameters": llama3}
	if _, err := ParseConfig(edited(t, "llama", both)); err == nil || !strings.Contains(err.Error(), "both rope_scaling and rope_parameters") {
		t.Errorf("two scalings give %v", err)
	}
}
