package server

// RefererSite is the origin in a header Referer, if it is one that could be
// allowed.
func RefererSite(referer string) (site string, ok bool) { return refererSite(referer) }
