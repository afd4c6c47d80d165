package api

import (
	"errors"
	"net/http"

	"partline.dev/server/auth"
	"partline.dev/shared/contract"
)

// revoke answers POST revocations.
func (h *Handler) revoke(w http.ResponseWriter, r *http.Request, who caller) answer {
	body, refused := readBody(w, r, maxAsked)
	if refused != nil {
		return refused.answer()
	}
	asked, refused := members(body, "The body", "user", "session")
	if refused != nil {
		return refused.answer()
	}
	user, refused := text(asked, "user")
	if refused != nil {
		return refused.answer()
	}
	session, refused := text(asked, "session")
	if refused != nil {
		return refused.answer()
	}
	if (user == "") == (session == "") {
		return bad(CodeBody, "The body names either a user or a session.").answer()
	}
	if contract.ValidName(user+session) != nil {
		return bad(CodeBody, "It names nobody: names have 1 to %d bytes and no control characters.", contract.MaxName).answer()
	}
	switch err := h.options.Revoke(who.tenant, user, session); {
	case errors.Is(err, auth.ErrTooManyRevoked):
		return (&refusal{http.StatusTooManyRequests, CodeRate, "As many users and sessions are taken back as can be known at a time. Block users in the file of tenants."}).answer()
	case err != nil:
		return h.failed("revoke", err)
	}
	h.revoked.Add(1)
	return ok(http.StatusOK, map[string]bool{"revoked": true})
}
