package protocol

import "fmt"

func (Pause) apply(m *machine) error {
	if m.Run.Status != StatusOpen {
		return fmt.Errorf("%w: run %d is %s", ErrPhase, m.Run.ID, m.Run.Status)
	}
	m.setStatus(StatusPaused, 0)
	return nil
}

// Resume starts the clock of max_wait anew: the time a run was paused is not
// time in which people stayed away. Slashes that were suspended go on whatever
// the run's status: it may have ended meanwhile.
func (Resume) apply(m *machine) error {
	if m.Run.Status != StatusPaused && !m.Run.Suspect {
		return fmt.Errorf("%w: run %d is %s", ErrPhase, m.Run.ID, m.Run.Status)
	}
	if m.Run.Suspect {
		terms, err := m.world.Terms()
		if err != nil {
			return err
		}
		m.Run.Suspect = false
		m.do(ResumeSlashes{Run: m.Run.ID, Until: m.now.Add(terms.EvidenceWindow)})
	}
	if m.Run.Status == StatusPaused {
		m.Run.WaitSince = m.now
		m.setStatus(StatusOpen, 0)
	}
	return nil
}

func (Cancel) apply(m *machine) error {
	if m.Run.Status != StatusOpen && m.Run.Status != StatusPaused {
		return fmt.Errorf("%w: run %d is %s", ErrPhase, m.Run.ID, m.Run.Status)
	}
	m.setStatus(StatusEnding, EndCancelled)
	return nil
}

func (m *machine) setStatus(status Status, why EndReason) {
	m.Run.Status = status
	if why != 0 {
		m.Run.End = why
	}
	m.tell(StatusChanged{Run: m.Run.ID, Status: status, End: m.Run.End})
}
