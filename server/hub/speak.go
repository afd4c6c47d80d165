package hub

import (
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// errSpeak is what a handler gets, and its caller reads, that publishes for somebody
// who may only listen.
var errSpeak = &access.Refusal{Code: access.CodeSpeak, Message: "You may read here, but not write."}

// maySpeak refuses to publish to t for a caller who may not speak in its scopes, or
// may not enter its place: the name may be the caller's own word.
// What a hub says by itself, from outside or as somebody comes and goes, nobody
// restricts.
func (t *Target) maySpeak() error {
	if !t.from.called || t.speaksIn == 0 {
		return nil
	}
	c := t.from.caller
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.speaksIn&^(c.principal.scopes(c.rules)&c.rules.Speaks) != 0 {
		return errSpeak
	}
	for _, r := range t.rooms {
		if r.kind == kindPlace && !c.principal.mayEnter(r.name, c.rules) {
			return errPlace
		}
	}
	return nil
}

// inTenant is what one must be allowed to speak in for a target that is everybody.
var inTenant = contract.ScopesOf(contract.ScopeTenant)
