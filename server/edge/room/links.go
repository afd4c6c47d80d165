package room

// links are those of a room. Every event goes through all of them, so they stand in a
// list; the zero value is ready.
type links struct {
	all    []*link
	socket map[int32]*link
}

// find is the link of a socket; nil: there is none.
func (s *links) find(socket int32) *link { return s.socket[socket] }

func (s *links) add(l *link) {
	if s.socket == nil {
		s.socket = map[int32]*link{}
	}
	l.at = len(s.all)
	s.all = append(s.all, l)
	s.socket[l.socket] = l
}

// remove reports whether l was there.
func (s *links) remove(l *link) bool {
	if s.socket[l.socket] != l {
		return false
	}
	delete(s.socket, l.socket)
	last := len(s.all) - 1
	s.all[l.at] = s.all[last]
	s.all[l.at].at = l.at
	s.all[last] = nil
	s.all = s.all[:last]
	if last == 0 {
		*s = links{} // a map keeps the space of what was deleted
	}
	return true
}
