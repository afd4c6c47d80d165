package frame

// Agreement is what one part does, for a model of a page.
type Agreement struct {
	agreement

	// Say sends what the part says, to the part that the value means, and to all
	// others if it is nil. Read and Write are where the session's id is kept.
	Say   func(Message, any)
	Read  func() (string, bool)
	Write func(string)
}

// Message is what parts say to one another.
type Message = message

// NewAgreement is that of a part that has not come yet.
func NewAgreement(a *Agreement) *Agreement {
	a.mail, a.kept = a, sessionOf{a}
	return a
}

// Begin lets the part come, with an id of its own since born.
func (a *Agreement) Begin(page string, born int64, session string) {
	a.begin(claim{page, born}, session)
}

// Hear takes what another part of the page said.
func (p *Page) Hear(page string, born int64) { p.hear(message{claim{page, born}, page}, nil) }

// Stored takes the news that what is kept has changed.
func (p *Page) Stored() { p.stored() }

// Hear takes a message of the part that from means.
func (a *Agreement) Hear(m Message, from any) { a.hear(m, from) }

// Again is what frame.js does when it has let a message fall.
func (a *Agreement) Again() { a.Say(a.known(), nil) }

// Stored takes the news that what is kept has changed.
func (a *Agreement) Stored() { a.lookUp() }

// IDs are what the part knows, and since when the page is there.
func (a *Agreement) IDs() (page string, born int64, session string) {
	return a.claim.page, a.claim.born, a.session
}

func (a *Agreement) say(_ string, m message, to any) { a.Say(m, to) }

type sessionOf struct{ *Agreement }

func (s sessionOf) read() (string, bool) { return s.Read() }

func (s sessionOf) write(id string) { s.Write(id) }
