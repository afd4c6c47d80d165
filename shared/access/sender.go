package access

// The headers of an event that say who published it, as the fields of [Person] do.
// Those without a value are left out. The server writes them; no client can.
const (
	HeaderID    = "from-id"
	HeaderName  = "from-name"
	HeaderIcon  = "from-icon"
	HeaderGuest = "from-guest" // "true"
)

// A text that says who an author is, as built-in hubs make it of a [Person] and of
// what a part calls itself: "Ann (guest) · Part One".
const (
	GuestMark = " (guest)" // behind a guest's name
	LabelMark = " · "      // before the part's own word
)
