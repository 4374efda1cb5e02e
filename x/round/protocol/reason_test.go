package protocol

import "testing"

// TestReasons: every reason has a name and says what to do, and only those that are paid are.
func TestReasons(t *testing.T) {
	paid := map[Reason]bool{ReasonPaid: true, ReasonPaidPartial: true, ReasonPaidUnaudited: true}
	for r := Reason(1); int(r) < len(reasonNames); r++ {
		if r.String() == "" || r.Fix() == "" {
			t.Errorf("reason %d: name %q, fix %q", r, r, r.Fix())
		}
		if r.Paid() != paid[r] {
			t.Errorf("%s: paid %t", r, r.Paid())
		}
	}
	if unknown := Reason(200); unknown.Fix() != "" || unknown.String() != "Reason(200)" {
		t.Errorf("%s: %q", unknown, unknown.Fix())
	}
}
