package auth

// SpentOf is how many tickets are known to be spent.
func SpentOf(a *Authority) int {
	a.spent.mu.Lock()
	defer a.spent.mu.Unlock()
	return a.spent.count()
}

// SetMaxSpent bounds how many of one tenant are known.
func SetMaxSpent(a *Authority, n int) {
	a.spent.mu.Lock()
	defer a.spent.mu.Unlock()
	a.spent.most = n
}
