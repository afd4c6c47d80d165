package access

// The headers of an event that say who published it, as the fields of [Person] do.
// Those without a value are left out. The server writes them; no client can.
const (
	HeaderID    = "from-id"
	HeaderName  = "from-name"
	HeaderIcon  = "from-icon"
	HeaderGuest = "from-guest" // "true"
)
