package chat

import (
	"strconv"

	"partline.dev/server/hub"
	"partline.dev/shared/chat"
	"partline.dev/shared/contract"
)

// room is where somebody posts.
type room struct {
	everybody hub.Target
	key       string // of its history; empty: nothing is kept
}

func (r *room) kept() bool { return r.key != "" }

// roomOf is the room that the caller is in now.
func (k *keeper) roomOf(x *hub.Context) room {
	scope, place := x.Where()
	p := x.Principal()
	switch scope {
	case contract.ScopePlace:
		return k.room(x, p.Tenant, scope, place)
	case contract.ScopeUser:
		return k.room(x, p.Tenant, scope, p.ID)
	case contract.ScopeTenant:
		return k.room(x, p.Tenant, scope, "")
	}
	return room{everybody: x.Scope()}
}

// room is the one of a scope that has that name. The target is made of the same words
// as the key: the caller may be taken elsewhere meanwhile.
func (k *keeper) room(x *hub.Context, tenant string, scope contract.Scope, name string) room {
	r := room{everybody: x.InScope(scope, name)}
	if k.log != nil {
		r.key = keyOf(tenant, scope, name)
	}
	return r
}

// keyOf is the name of a room in the log. Each part says how long it is, as a tenant's
// or a place's name may have any letters in it.
func keyOf(tenant string, scope contract.Scope, name string) string {
	var key []byte
	for _, part := range [...]string{chat.Hub.Name(), tenant, string(scope), name} {
		key = strconv.AppendInt(key, int64(len(part)), 10)
		key = append(append(key, ':'), part...)
	}
	return string(key)
}
