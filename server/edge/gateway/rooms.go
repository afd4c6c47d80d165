package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"partline.dev/server/edge/inside"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// roomObject is the name of the Durable Object that is the room of a tenant's place;
// empty: of all who are in no place.
func roomObject(tenant, place string) string { return "room\x00" + tenant + "\x00" + place }

// ticketsObject is the name of the one in which the tickets of a tenant are used up.
func ticketsObject(tenant string) string { return "tickets\x00" + tenant }

// placeOf is the place in whose room p is that asks for w: the one that it names, if
// it may enter it, else the first of its own if it names none. A place that it may not
// enter leads to the common room, which says so.
func placeOf(book *tenants.Book, p *hub.Principal, w access.Where) string {
	t := book.Tenant(p.Tenant)
	switch {
	case w.Place == "" && len(p.Places) > 0:
		return p.Places[0]
	case w.Place == "" || t == nil || contract.ValidName(w.Place) != nil:
		return ""
	case t.AnyPlace || slices.Contains(p.Places, w.Place):
		return w.Place
	}
	return ""
}

// What a client hears if its room says nothing that can be passed on.
var (
	errNoRoom  = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "The room does not answer now. Try again.", Retry: 1}
	errVersion = &front.Refusal{Status: http.StatusServiceUnavailable, Code: inside.CodeVersion, Coded: true, Text: "The server is being updated. Try again in a moment.", Retry: 5}
)

// connect asks the room of p, who asks for w, for a connection to the hub of that name.
func (h *Handler) connect(r *http.Request, hubName string, p hub.Principal, w access.Where, old bool) (*inside.Negotiated, *front.Refusal) {
	place := placeOf(h.book, &p, w)
	if p.Places = nil; place != "" {
		p.Places = []string{place}
	}
	answer := &inside.Negotiated{}
	refused := h.ask(r.Context(), roomObject(p.Tenant, place), inside.PathNegotiate, inside.Negotiation{
		Version: inside.Version, Hub: hubName, Place: place, Principal: p, Where: w,
		Address: front.RemoteAddress(r), Origin: r.Header.Get("Origin"), Old: old,
	}, answer)
	if refused != nil {
		return nil, refused
	}
	if answer.ID == "" || answer.Token == "" {
		h.options.Log.Error("a room's answer makes no sense")
		return nil, errVersion
	}
	return answer, nil
}

// ask asks an object, and reads its answer.
func (h *Handler) ask(ctx context.Context, object, path string, question, answer any) *front.Refusal {
	body, err := json.Marshal(question)
	if err != nil {
		panic(err) // it is made of strings
	}
	status, reply, err := h.platform.Post(ctx, object, path, body)
	if err != nil {
		h.options.Log.Error("an object does not answer", "path", path, "error", err)
		return errNoRoom
	}
	refused, err := readAnswer(status, reply, answer)
	if err != nil {
		h.options.Log.Error("an object's answer makes no sense", "path", path, "status", status, "error", err)
		return errVersion
	}
	return refused
}

// readAnswer reads what an object has answered, into answer unless it refuses. The
// error says that it makes no sense: another version may have written it.
func readAnswer(status int, reply []byte, answer any) (*front.Refusal, error) {
	if status == http.StatusOK {
		return nil, json.Unmarshal(reply, answer)
	}
	var refusal inside.Refusal
	switch err := json.Unmarshal(reply, &refusal); {
	case err != nil:
		return nil, err
	case refusal.Status != status || status < 400 || status > 599:
		return nil, fmt.Errorf("it refuses with %d", refusal.Status)
	case refusal.Code != "" && status == http.StatusForbidden:
		return front.RefusalOf(&access.Refusal{Code: refusal.Code, Message: refusal.Text}), nil
	}
	return &front.Refusal{Status: status, Code: refusal.Code, Coded: refusal.Code != "", Text: refusal.Text, Retry: max(refusal.Retry, 0)}, nil
}
