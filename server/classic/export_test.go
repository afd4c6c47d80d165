package classic

import (
	"errors"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// What is inside, for tests that live outside.

type (
	// Spoken is what a version means.
	Spoken struct {
		Version           string
		Starts, Redirects bool
	}

	// Invocation is a call as it was read.
	Invocation struct {
		Hub, Method, ID  string
		Arguments, State []byte
		Count            int
	}

	// Form is the body of a POST as it was read.
	Form struct {
		MessageID, GroupsToken, Data string
		HasData                      bool
	}

	// Membership is one group of a hub.
	Membership struct{ Hub, Group string }

	// Envelope is what a client hears at once.
	Envelope struct {
		Epoch, Number uint64
		First, GoAway bool
		Groups        string
		Delayed       bool
		Delay         time.Duration
		Items         []string
	}
)

const (
	MaxFields         = maxFields
	MaxGroups         = maxGroups
	MaxGroupsToken    = maxGroupsToken
	MaxConnectionData = maxConnectionData
	MaxCursor         = maxCursor
)

var (
	ErrInvocation       = errInvocation
	ErrForm       error = errForm
	ErrCursor           = errCursor

	AppendResult   = appendResult
	AppendProgress = appendProgress
	AppendText     = appendText
	AppendSeconds  = appendSeconds
	Signature      = signature
)

func ReadVersion(s string) Spoken {
	v := parseVersion(s)
	return Spoken{v.spoken().String(), v.starts(), v.redirects()}
}

func ReadCursor(s string) (epoch, number uint64, ok bool, err error) {
	c, ok, err := parseCursor(s)
	return c.epoch, c.number, ok, err
}

func WriteCursor(epoch, number uint64) string { return cursor{epoch, number}.String() }

func ReadInvocation(text []byte) (Invocation, error) {
	v, err := readInvocation(text)
	return Invocation{v.hub, v.method, v.id, v.arguments, v.state, v.count}, err
}

func ReadForm(body string) (Form, error) {
	f, err := parseForm(body)
	return Form{f.messageID, f.groupsToken, f.data, f.hasData}, err
}

func IsForm(contentType string) bool { return isForm(contentType) }

// ListedHubs are the names of the hubs of a connectionData, or the refusal.
func (h *Handler) ListedHubs(text string) (names []string, status int, refusal string) {
	listed, refused := h.listedHubs(text)
	if refused != nil {
		return nil, refused.status, refused.text
	}
	for _, m := range listed {
		names = append(names, m.Name())
	}
	return names, 0, ""
}

// NewToken is a token of principal, and whose connection it is for.
func (h *Handler) NewToken(principal hub.Principal) (id, token string) {
	g := newGUID()
	return g.String(), h.signToken(g, principal)
}

// VerifyToken is the connection that a token is for, or the refusal.
func (h *Handler) VerifyToken(token string, principal hub.Principal) (id string, status int, refusal string) {
	g, refused := h.verifyToken(token, principal)
	if refused != nil {
		return "", refused.status, refused.text
	}
	return g.String(), 0, ""
}

// SignGroups and VerifyGroups are for the connection whose id begins with that byte.
func (h *Handler) SignGroups(id byte, groups []Membership) string {
	var list []membership
	for _, m := range groups {
		list = append(list, membership{m.Hub, m.Group})
	}
	return h.signGroups(guid{id}, list)
}

func (h *Handler) VerifyGroups(id byte, token string) []Membership {
	return exported(h.verifyGroups(guid{id}, token))
}

// ReadGroups reads what a groups token holds.
func ReadGroups(b []byte) []Membership { return exported(readGroups(b)) }

func exported(groups []membership) (list []Membership) {
	for _, m := range groups {
		list = append(list, Membership{m.hub, m.group})
	}
	return list
}

func (e *Envelope) Append(dst []byte) []byte {
	inside := envelope{
		cursor: cursor{e.Epoch, e.Number}, first: e.First, goAway: e.GoAway,
		groups: e.Groups, delayed: e.Delayed, delay: e.Delay,
	}
	for _, item := range e.Items {
		inside.items = append(inside.items, []byte(item))
	}
	return inside.append(dst)
}

func AppendFailure(dst []byte, id, text string, public bool, data, state []byte) []byte {
	return appendFailure(dst, id, failure{text, public, data}, state)
}

// Fails is the answer to a call of hub.method as the client sent those names.
func (h *Handler) Fails(hubName, method string, answer hub.Answer) (text string, public bool, data []byte) {
	f := h.fails(invocation{hub: hubName, method: method}, answer)
	return f.text, f.public, f.data
}

// CountError is the error of a call with too few or too many arguments.
func CountError(err error, candidates ...*contract.Descriptor) error {
	return errors.Join(&hub.ArgumentsError{Candidates: candidates, Err: err})
}

// Connections is how many connections there are.
func (h *Handler) Connections() int {
	h.connections.mu.Lock()
	defer h.connections.mu.Unlock()
	return len(h.connections.live)
}

// Past is how many connections are known that have ended.
func (h *Handler) Past() int {
	h.connections.mu.Lock()
	defer h.connections.mu.Unlock()
	return len(h.connections.past)
}
