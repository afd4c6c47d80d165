package client

// eventParser takes the data out of a stream of server-sent events. The data is
// a stream itself, so it is passed on as it comes, and nothing is kept however
// long a line is. Event names, ids and comments mean nothing to SignalR and are
// skipped.
type eventParser struct {
	place   place
	matched int  // how much of the field's name is that of data
	hasData bool // the event has a line of data already
	wasCR   bool // a line feed belongs to the end of line before it
}

// place is where in a line the parser is.
type place uint8

const (
	inName  place = iota // of the field; a line begins with it
	inOther              // of a line that is skipped
	inSpace              // behind the colon: one space there is not data
	inData
)

const dataField = "data"

// strip moves the data that is in p to its front, and returns how much it is.
func (e *eventParser) strip(p []byte) int {
	n := 0
	for _, c := range p {
		if c == '\n' && e.wasCR {
			e.wasCR = false
			continue
		}
		e.wasCR = c == '\r'
		if c == '\r' || c == '\n' {
			n += e.endLine(p[n:])
			continue
		}
		switch e.place {
		case inName:
			switch {
			case e.matched < len(dataField) && c == dataField[e.matched]:
				e.matched++
			case e.matched == len(dataField) && c == ':':
				n += e.beginData(p[n:])
				e.place = inSpace
			default:
				e.place = inOther
			}
		case inSpace:
			e.place = inData
			if c == ' ' {
				continue
			}
			p[n] = c
			n++
		case inData:
			p[n] = c
			n++
		case inOther:
		}
	}
	return n
}

// beginData puts between two lines of one event's data what was between them
// before the hub made lines of it. It returns how much that is, which is not
// more than what has just been read.
func (e *eventParser) beginData(to []byte) int {
	if !e.hasData {
		e.hasData = true
		return 0
	}
	to[0] = '\n'
	return 1
}

// endLine ends a line, and an event with an empty one.
func (e *eventParser) endLine(to []byte) int {
	n := 0
	switch {
	case e.place == inName && e.matched == len(dataField):
		n = e.beginData(to) // a name alone is a line without data
	case e.place == inName && e.matched == 0:
		e.hasData = false
	}
	e.place, e.matched = inName, 0
	return n
}
