package frame

// Store is where a browser keeps texts for the parts of one server under one host
// site. Where it refuses to, they last as long as the part does, and are for this
// part alone. Keys begin with "partline-".
type Store string

// The stores.
const (
	Browser Store = "localStorage"   // for all parts, for good
	Tab     Store = "sessionStorage" // for the parts of one tab, until it is closed
)
