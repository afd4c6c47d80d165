package frame

// Why a part says something. What it says is the same, and heard in the same way.
const (
	hello = "hello" // it came, or has missed something
	ids   = "ids"   // it knows better, or now knows better than before
)

// claim is an id of the page and since when it is there, in ms since 1970. Of two
// the older one is the page's.
type claim struct {
	page string
	born int64
}

// before tells whether c is the older one. Of two that are as old all parts must
// choose the same.
func (c claim) before(o claim) bool {
	return c.born < o.born || c.born == o.born && c.page < o.page
}

// message is what one part says to others: what it knows.
type message struct {
	claim   claim
	session string
}

// mail carries messages. Whom the value means, only mail knows.
type mail interface {
	// say sends m to one window, and if that is nil to all other parts of the page.
	say(kind string, m message, to any)
}

// kept is where the browser keeps the session's id, for all parts of it under one
// host site. Others write there too, at any time.
type kept interface {
	// read gives the id, or "" if there is none. It is not ok where the browser
	// refuses to keep anything.
	read() (id string, ok bool)

	// write may fail: then it is not read again.
	write(id string)
}

// agreement is what the parts of one page do to have one id for the page, and those
// of one browser one for the session: everybody says what they know when they come
// and when they know better, and the oldest id wins.
//
// Of any two parts the one that came later has said hello to the other, so the
// oldest id has reached all that were there with its part, and they pass it on.
type agreement struct {
	claim   claim
	session string
	mail    mail
	kept    kept
	spare   string // the session's id if there is none yet
}

// begin is the arrival of a part whose own ids these are.
func (a *agreement) begin(own claim, spare string) {
	a.claim, a.spare = own, spare
	a.lookUp()
	a.mail.say(hello, a.known(), nil)
}

// hear takes what another part of the page said. From is its window.
func (a *agreement) hear(m message, from any) {
	if m.session != a.session {
		a.lookUp() // one of us has missed something
	}
	switch {
	case m.claim.before(a.claim):
		a.claim = m.claim
		a.lookUp()
		a.mail.say(ids, a.known(), nil)
	case a.claim.before(m.claim):
		a.mail.say(ids, a.known(), from)
	}
}

// lookUp reads the session's id, or gives it one. Where it cannot be kept the
// session is the page.
func (a *agreement) lookUp() {
	id, ok := a.kept.read()
	if ok && !validID(id) {
		a.kept.write(a.spare)
		id, ok = a.kept.read()
	}
	if !ok || !validID(id) {
		id = a.claim.page
	}
	a.session = id
}

func (a *agreement) known() message { return message{a.claim, a.session} }

// validID tells whether text can be an id: 128 bits in base64, 22 characters of
// the URL alphabet.
func validID(text string) bool {
	if len(text) != 22 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
