package server

import (
	"net/http"
	"net/netip"
	"strings"

	"partline.dev/server/page"
)

// forwardedHop is what one proxy said of who asked it.
type forwardedHop struct {
	client netip.Addr // zero: it cannot be read
	scheme string     // http or https; empty: not said
	host   string     // empty: not said
}

// olderHops reads X-Forwarded-For, and -Proto and -Host as far as they can be
// told to belong to its hops: there is one for each, or one for all.
func olderHops(h http.Header) []forwardedHop {
	addresses := forwardedValues(h, "X-Forwarded-For")
	schemes := forwardedValues(h, "X-Forwarded-Proto")
	hosts := forwardedValues(h, "X-Forwarded-Host")
	hops := make([]forwardedHop, len(addresses))
	for i, a := range addresses {
		hops[i] = forwardedHop{
			client: forwardedAddress(a),
			scheme: forwardedScheme(valueOf(schemes, i, len(addresses))),
			host:   forwardedHost(valueOf(hosts, i, len(addresses))),
		}
	}
	return hops
}

// olderWords is what a proxy says that does not say who the client is.
func olderWords(h http.Header) forwardedHop {
	return forwardedHop{
		scheme: forwardedScheme(valueOf(forwardedValues(h, "X-Forwarded-Proto"), 0, 1)),
		host:   forwardedHost(valueOf(forwardedValues(h, "X-Forwarded-Host"), 0, 1)),
	}
}

// valueOf is the value that belongs to the hop i of so many.
func valueOf(values []string, i, hops int) string {
	switch len(values) {
	case 1:
		return values[0]
	case hops:
		return values[i]
	}
	return ""
}

// newerHops reads Forwarded (RFC 7239). One that is not as the RFC says is read as
// if it were not there.
func newerHops(h http.Header) []forwardedHop {
	all := strings.Join(h.Values("Forwarded"), ",")
	if len(all) > maxForwarded {
		return nil
	}
	var hops []forwardedHop
	hop, empty := forwardedHop{}, true
	for rest := all; rest != ""; {
		name, value, after, ok := forwardedPair(rest)
		if !ok {
			return nil
		}
		switch {
		case strings.EqualFold(name, "for"):
			hop.client = forwardedAddress(value)
		case strings.EqualFold(name, "proto"):
			hop.scheme = forwardedScheme(value)
		case strings.EqualFold(name, "host"):
			hop.host = forwardedHost(value)
		}
		empty = false
		if after == "" || after[0] == ',' {
			hops = append(hops, hop)
			hop, empty = forwardedHop{}, true
		}
		rest = strings.TrimLeft(after, ",; \t")
	}
	if !empty {
		return nil // it ends with a semicolon
	}
	return hops
}

// forwardedPair reads one name=value, plain or quoted, up to what follows it: a
// semicolon, a comma or the end.
func forwardedPair(s string) (name, value, after string, ok bool) {
	name, s, ok = strings.Cut(s, "=")
	if !ok || name == "" || strings.ContainsAny(name, "\",; \t") {
		return "", "", "", false
	}
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ",; \t")
		if end < 0 {
			end = len(s)
		}
		value, after = s[:end], strings.TrimLeft(s[end:], " \t")
	} else {
		// Nothing that we read needs a backslash.
		value, after, ok = strings.Cut(s[1:], `"`)
		if !ok || strings.Contains(value, `\`) {
			return "", "", "", false
		}
		after = strings.TrimLeft(after, " \t")
	}
	return name, value, after, after == "" || after[0] == ',' || after[0] == ';'
}

// forwardedAddress reads an address with or without a port and brackets; zero: it
// is none.
func forwardedAddress(s string) netip.Addr {
	if with, err := netip.ParseAddrPort(s); err == nil {
		return with.Addr().Unmap().WithZone("")
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if s, ok = strings.CutSuffix(inner, "]"); !ok {
			return netip.Addr{}
		}
	}
	plain, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return plain.Unmap().WithZone("")
}

func forwardedScheme(s string) string {
	switch s = strings.ToLower(s); s {
	case "http", "https":
		return s
	}
	return ""
}

func forwardedHost(s string) string {
	if len(s) > 255 || s != "" && !page.PlainHost(s) {
		return ""
	}
	return s
}
