package protocol

// countMissedRound counts a round that a trainer missed; too many in a row make the trainer inactive.
func (m *machine) countMissedRound(account Account) {
	t := m.Run.Trainer(account)
	if t == nil {
		return
	}
	t.Misses++
	if t.Misses < m.Run.Spec.MaxMisses || t.Inactive {
		return
	}
	t.Inactive = true
	t.Strikes++
	t.InactiveUntil = m.now.Add(m.Run.Spec.Cooldown(t.Strikes))
	m.tell(Deactivated{Run: m.Run.ID, Account: account, Until: t.InactiveUntil})
}

// maxAbsences in a row drop an attester from the ready ones.
const maxAbsences = 3

// countAbsence counts a round or an attempt without the attester's vote for the result; too many in a row drop it.
func (m *machine) countAbsence(account Account) {
	a := m.Run.Attester(account)
	if a == nil {
		return
	}
	a.Absent++
	if a.Ready && a.Absent >= maxAbsences {
		m.unready(a)
	}
}

func (m *machine) unready(a *Attester) {
	a.Ready = false
	m.tell(Unready{Run: m.Run.ID, Account: a.Account})
}

// countMissedDuty counts a round in which an attester did not answer an audit, or a
// dispute that it did not vote on.
func (m *machine) countMissedDuty(account Account) {
	a := m.Run.Attester(account)
	if a == nil {
		return
	}
	a.Missed++
	if a.Ready && a.Missed >= maxAbsences {
		m.unready(a)
	}
}
