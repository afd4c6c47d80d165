// Package page is how pages are shown, whoever has rendered them: with which headers,
// to which sites, and what they are told that may not.
//
//	headers := page.Headers{Scheme: "https", Host: "parts.example"}
//	of := page.Of(book, r)
//	if site, refused := page.RefusedSite(own, of, r); refused {
//		page.Refused(w.Header(), site)
//		...
//	}
//	headers.Page(w, r, of)
//	page.Rendered(w.Header(), len(html))
//
// Concurrency: everything may be used from any goroutine. Nothing is started, and
// nothing blocks.
package page
