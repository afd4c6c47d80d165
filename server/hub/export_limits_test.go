package hub

// Usages is how many users and tenants c counts for.
func Usages(c *Core) int {
	c.usages.mu.Lock()
	defer c.usages.mu.Unlock()
	return c.usages.of.len()
}
