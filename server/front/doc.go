// Package front is what every front door asks of a request before it knows of any
// connection: from which page it comes, who makes it, what it negotiates, and how it
// is refused. It is the same where there are sockets and where there are none.
//
//	policy, err := front.NewPolicy("https://parts.example", []string{"https://contoso.sharepoint.com"})
//	...
//	if err := policy.Check(r); err != nil {
//		... // 403
//	}
//	if policy.ShareWith(w, r) {
//		return // it was a preflight
//	}
//	asked, refused := front.Asked(w, r, read)
//	version, errText := front.RequestedVersion(r)
//	admission, err := authority.Negotiate(r, front.At{Hub: "chat", OwnPage: policy.OwnPage(r)}, asked)
//	...
//	reply := front.Negotiated{Version: version, ID: id, Token: token, Available: front.WebSockets}
//	reply.Write(w)
//
// Concurrency: everything may be used from any goroutine. Nothing is started. What
// blocks is reading the body of a request.
package front
