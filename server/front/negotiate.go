package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"partline.dev/shared/access"
)

// negotiateVersion is the newest version of the negotiation.
const negotiateVersion = 1

// Negotiated is the reply to a client that stays where it negotiates.
type Negotiated struct {
	Version   int        // that was agreed on
	ID        string     // of the connection, public
	Token     string     // by which it is opened and then named; of version 0 there is but this
	Available Transports // where it may be opened
	Resumes   bool       // its client asked to resume it, and may

	// Access is what our own client is told of who it is. Nil: it is another.
	Access *access.Access
}

// Write answers w with n.
func (n *Negotiated) Write(w http.ResponseWriter) {
	reply := struct {
		Version         int             `json:"negotiateVersion"`
		ConnectionID    string          `json:"connectionId"`
		ConnectionToken string          `json:"connectionToken,omitempty"`
		Transports      json.RawMessage `json:"availableTransports"`
		Resumes         bool            `json:"useStatefulReconnect,omitempty"` // who has not asked takes it for an error
		Access          json.RawMessage `json:"access,omitempty"`
	}{n.Version, n.ID, n.Token, n.Available.Available(), n.Resumes, nil}
	if n.Version == 0 {
		reply.ConnectionID, reply.ConnectionToken = n.Token, ""
	}
	if n.Access != nil {
		reply.Access = appendAccess(nil, n.Access)
	}
	writeNegotiation(w, reply)
}

// Redirection is the reply to a client that shall negotiate elsewhere, with another
// token; empty: with the one that it has.
type Redirection struct {
	URL         string `json:"url"`
	AccessToken string `json:"accessToken,omitempty"`
}

// Write answers w with t.
func (t Redirection) Write(w http.ResponseWriter) { writeNegotiation(w, t) }

// WriteError answers w with what is wrong with a negotiation, in a reply of status
// 200, as SignalR's clients expect.
func WriteError(w http.ResponseWriter, text string) {
	writeNegotiation(w, map[string]string{"error": text})
}

// RequestedVersion is the version that the client speaks with us, or the text of
// the error that it gets.
func RequestedVersion(r *http.Request) (version int, errText string) {
	asked, ok := Query(r, "negotiateVersion")
	if !ok {
		return 0, ""
	}
	n, err := strconv.ParseInt(strings.TrimSpace(asked), 10, 32)
	switch {
	case err != nil:
		return 0, "The client requested a non-integer protocol version."
	case n < 0:
		return 0, fmt.Sprintf("The client requested version '%d', but the server does not support this version.", n)
	}
	return min(int(n), negotiateVersion), ""
}

// writeNegotiation writes a reply, which holds a secret.
func writeNegotiation(w http.ResponseWriter, reply any) {
	body, err := json.Marshal(reply)
	if err != nil {
		panic(err) // it is made of strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // a client that is gone needs no reply
}
