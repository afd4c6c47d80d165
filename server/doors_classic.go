package server

import "net/http"

// classicDoor answers clients of jQuery SignalR 2 below m, whose path in lower case
// is path.
func (s *Server) classicDoor(path string, m *Mount) http.Handler {
	return s.host.Handler(s.core, "", nil)
}
