package api

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// publish answers POST hubs/{hub}/events/{event}.
func (h *Handler) publish(w http.ResponseWriter, r *http.Request, who caller, m *hub.Mux, event string) answer {
	key, refused := idempotencyKey(r)
	if refused != nil {
		return refused.answer()
	}
	body, refused := readBody(w, r, h.options.MessageLimit+maxAsked)
	if refused != nil {
		return refused.answer()
	}
	do := func() answer { return h.publishOnce(r, who, m, event, body) }
	if key == "" {
		return do()
	}
	sum := sha256.New()
	for _, piece := range []string{m.Name(), event} {
		one := sha256.Sum256([]byte(piece))
		sum.Write(one[:])
	}
	sum.Write(body)
	return h.repeats.once(r.Context(), repeatKey{who.tenant, key}, [sha256.Size]byte(sum.Sum(nil)), do)
}

// publishOnce publishes what body says.
func (h *Handler) publishOnce(r *http.Request, who caller, m *hub.Mux, event string, body []byte) answer {
	asked, refused := members(body, "The body", "arguments", "to")
	if refused != nil {
		return refused.answer()
	}
	arguments := asked["arguments"]
	if arguments == nil {
		arguments = json.RawMessage("[]")
	}
	if len(arguments) > h.options.MessageLimit {
		return (&refusal{http.StatusRequestEntityTooLarge, CodeTooLong, "The arguments are longer than a message of the hub may be."}).answer()
	}
	to, refused := target(asked["to"], m.In(who.tenant), world(who.book, m))
	if refused != nil {
		return refused.answer()
	}
	if err := hub.PublishJSON(r.Context(), to, event, arguments); err != nil {
		return h.notPublished(err)
	}
	h.published.Add(1)
	return ok(http.StatusAccepted, map[string]bool{"published": true})
}

// notPublished is the answer to an error of hub.PublishJSON.
func (h *Handler) notPublished(err error) answer {
	said := (*access.Refusal)(nil)
	switch {
	case errors.Is(err, hub.ErrUnknownEvent):
		return (&refusal{http.StatusNotFound, CodeEvent, "The hub has no event of that name."}).answer()
	case errors.Is(err, hub.ErrArguments):
		return bad(CodeArguments, "The arguments are not those of the event: %s.", err).answer()
	case errors.Is(err, contract.ErrName):
		return bad(CodeTarget, "to names somebody who cannot be: %s.", err).answer()
	case errors.As(err, &said):
		return bad(CodeTarget, "%s", said.Message).answer()
	}
	return h.failed("publish", err)
}
