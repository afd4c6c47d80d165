package hub

import "partline.dev/shared/contract"

// ByScope is how many connections are in each scope now, of every tenant and hub;
// under the empty scope those that are in none. It looks at each connection, so it
// is for who asks now and then.
func (c *Core) ByScope() map[contract.Scope]int {
	counts := map[contract.Scope]int{"": 0}
	for _, s := range contract.AllScopes {
		counts[s] = 0
	}
	for _, conn := range c.connections() {
		conn.mu.Lock()
		s := conn.scopeKey().kind.scope()
		conn.mu.Unlock()
		counts[s]++
	}
	return counts
}
