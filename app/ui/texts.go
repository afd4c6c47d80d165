package ui

// Texts is what Partline says to people, in one language. A field whose name
// ends in F is a format with one %s. No text holds a quotation mark ("), a backslash
// or a character that does not print: go-app writes the attributes of
// pre-rendered pages as Go string literals, and escapes these the Go way.
type Texts struct {
	// The state of the connection.
	Starting      string // before the program runs
	Loading       string // what the bar is called that shows how far it is
	LoadFailed    string
	Stopped       string // the program has crashed
	Connecting    string
	Connected     string
	Reconnecting  string
	Disconnected  string
	DisconnectedF string // with the reason

	// Behind Connected: over which transport.
	OverWebSockets string
	OverEvents     string
	OverPolling    string

	// A log.
	Messages   string // what the log is called
	NoMessages string
	Newest     string // the button that shows the last line

	// A box that sends.
	Message string // what the box is called
	Hint    string // what stands in the empty box
	Send    string

	// Why something was not done.
	NotConnected string
	NotConfirmed string
	TooLong      string
	RefusedF     string // with the hub's words
	NotDone      string
	TextKept     string // appended where the box still holds the text
	TryNow       string // the button that connects again
	LoadAgain    string // the button that loads the part again

	// Who hears what is sent. Behind HeardBy: one of the others.
	HeardBy        string
	HeardByPage    string
	HeardBySession string
	HeardByUser    string
	HeardByPlace   string
	HeardByPlaceF  string // with the place's name
	HeardByTenant  string
	HeardByWorld   string
	HeardNowF      string // after a change, with who hears now
	OnlyListenF    string // with those whom one may hear only
	OnlyListen     string // why nothing can be written
	NotHeardAskedF string // with those by whom the part was to be heard

	// Who one is.
	YouAre     string // in front of the name
	YouAreNowF string // after a change, with the name
	NoNameNow  string // after the name was taken back
	Guest      string // behind the name of somebody whom nobody vouches for
	SignedIn   string // of somebody whom the server knows
	YourName   string // what the box is called
	SayName    string // the button that shows it, without a name
	ChangeName string // and with one
	UseName    string // the button that takes what is in it
	Cancel     string

	// Why the server refuses, by the code of package access: what has happened, and
	// what helps.
	RefusedTicketSpent   string
	RefusedTicketExpired string
	RefusedTicket        string
	RefusedSession       string
	RefusedToken         string
	RefusedSignIn        string
	RefusedName          string
	RefusedKey           string
	RefusedHost          string
	RefusedTenant        string
	RefusedRequest       string
	RefusedScope         string
	RefusedSpeak         string
	RefusedPlace         string
	RefusedIdentifier    string
	RefusedRate          string
	RefusedConnections   string
	RefusedRooms         string
	RefusedExpired       string
	RefusedRevoked       string
	RefusedRules         string

	// Around a part.
	OpenAsApp string
	AllParts  string
	NoScript  string

	// Pages of the server.
	PartsIntro     string
	OpenPart       string
	NotFound       string
	NotFoundText   string
	NotAllowed     string
	NotAllowedF    string // with the host page's origin
	NotBuilt       string
	NotBuiltText   string
	Offline        string
	OfflineText    string
	TryAgain       string
	BackToAllParts string
}
