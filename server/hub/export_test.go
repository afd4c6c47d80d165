package hub

import "partline.dev/shared/contract"

// CapabilityRoom is the name of the room of a page or session.
func CapabilityRoom(key []byte, tenant string, s contract.Scope, id string) string {
	name, err := newCapabilities(key).room(tenant, s, id)
	if err != nil {
		panic(err)
	}
	return name
}

// Usages is how many users and tenants c counts for.
func Usages(c *Core) int {
	c.usages.mu.Lock()
	defer c.usages.mu.Unlock()
	return c.usages.of.len()
}
