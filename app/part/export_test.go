package part

// NewPage is the page of a part whose address has query, in a browser that
// prefers languages.
func NewPage(p Part, query string, languages ...string) *Page {
	return newPage(p, query, true, languages...)
}
