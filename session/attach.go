package session

// Attach makes conn the page's socket; a socket it displaces is closed with 4002. seq is the last sequence that the page applied: equal to the last one
// sent, nothing is sent again; else every widget is sent whole. ErrGone when the session ended or lost messages that cannot be made up for.
func (s *Session) Attach(conn Conn, seq uint64) error {
	select {
	case <-s.ended:
		return ErrGone
	default:
	}
	displaced, gone, lost := s.out.attach(conn, seq)
	if gone {
		return ErrGone
	}
	if lost {
		s.End(CloseGone, "the page fell too far behind")
		return ErrGone
	}
	if displaced != nil {
		displaced.Close(CloseElsewhere, "opened elsewhere")
	}
	s.registry.settle(s)
	s.registry.cfg.System.Send(s.ref, attached{})
	return nil
}

// Detach tells that conn is gone. The page is kept for Config.Keep, unless another socket took over already.
func (s *Session) Detach(conn Conn) {
	if s.out.detach(conn) {
		s.registry.cfg.System.Send(s.ref, detached{})
	}
}

// Drained tells that conn, which had been full, took everything it was given.
func (s *Session) Drained(conn Conn) { s.out.drained(conn) }
