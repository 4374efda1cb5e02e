package types

import "cosmossdk.io/math"

// NewTreasury returns an empty treasury.
func NewTreasury() Treasury {
	return Treasury{Contributed: math.ZeroInt(), Drawn: math.ZeroInt()}
}

// Available is what a run can draw.
func (t Treasury) Available() math.Int { return t.Contributed.Sub(t.Drawn) }

// NewFunding returns an account that has paid nothing.
func NewFunding() Funding {
	return Funding{Contributed: math.ZeroInt(), Drawn: math.ZeroInt(), Current: math.ZeroInt()}
}

// Draw takes amount out of a treasury, from each funder in proportion to what it has left. When the run that drew before is over, the
// account of what can be given back starts anew.
func (t *Treasury) Draw(amount math.Int, funders []*Funding) error {
	if amount.GT(t.Available()) {
		return ErrTreasury.Wrapf("%s wanted, %s there", amount, t.Available())
	}
	left := make([]math.Int, len(funders))
	for i, f := range funders {
		if t.RunOver {
			f.Current = math.ZeroInt()
		}
		left[i] = f.Contributed.Sub(f.Drawn)
	}
	for i, part := range Apportion(amount, left) {
		funders[i].Drawn, funders[i].Current = funders[i].Drawn.Add(part), funders[i].Current.Add(part)
	}
	t.Drawn, t.RunOver = t.Drawn.Add(amount), false
	return nil
}

// Return puts amount back, to each funder in proportion to what the newest run took from it and has not given back.
func (t *Treasury) Return(amount math.Int, funders []*Funding) error {
	taken, total := make([]math.Int, len(funders)), math.ZeroInt()
	for i, f := range funders {
		taken[i], total = f.Current, total.Add(f.Current)
	}
	if amount.GT(total) {
		return ErrRefund.Wrapf("%s of %s", amount, total)
	}
	for i, part := range Apportion(amount, taken) {
		funders[i].Drawn, funders[i].Current = funders[i].Drawn.Sub(part), funders[i].Current.Sub(part)
	}
	t.Drawn = t.Drawn.Sub(amount)
	return nil
}
