package protocol

// miss counts a missed round; too many in a row make the trainer inactive.
func (m *machine) miss(account Account) {
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
	m.emit(Deactivated{Run: m.Run.ID, Account: account, Until: t.InactiveUntil})
}

// maxAbsences in a row drop an attester from the ready ones.
const maxAbsences = 3

// absent counts an absence of an attester.
func (m *machine) absent(account Account) {
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
	m.emit(Unready{Run: m.Run.ID, Account: a.Account})
}

// missed counts a round in which an attester did not answer an audit, or a
// dispute that it did not vote on.
func (m *machine) missed(account Account) {
	a := m.Run.Attester(account)
	if a == nil {
		return
	}
	a.Missed++
	if a.Ready && a.Missed >= maxAbsences {
		m.unready(a)
	}
}
