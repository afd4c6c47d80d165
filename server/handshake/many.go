package handshake

// What a client is told at whose beginning there are too many already, on every kind of
// link.
const (
	TextNegotiated          = "Too many connections are being negotiated. Try again later."
	TextNegotiatedByAddress = "Too many connections are being negotiated by your address. Try again later."
	TextOfAddress           = "Your address has as many connections as it may have. Close some, or try again later."
	TextShaking             = "Too many connections of your address have not finished their handshake. Try again later."
)
