package hub

import (
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// errSpeak is what a handler gets, and its caller reads, that publishes for somebody
// who may only listen.
var errSpeak = &access.Refusal{Code: access.CodeSpeak, Message: "You may read here, but not write."}

// maySpeak refuses to publish to t for a caller who may not speak in its scopes.
// What a hub says by itself, from outside or as somebody comes and goes, nobody
// restricts.
func (t *Target) maySpeak() error {
	if !t.from.called || t.speaksIn == 0 {
		return nil
	}
	c := t.from.caller
	c.mu.Lock()
	may := c.principal.scopes(c.rules) & c.rules.Speaks
	c.mu.Unlock()
	if t.speaksIn&^may != 0 {
		return errSpeak
	}
	return nil
}

// inTenant is what one must be allowed to speak in for a target that is everybody.
var inTenant = contract.ScopesOf(contract.ScopeTenant)
