// Package origin reads web origins, and the entries of lists that allow them, so
// that everybody who asks whether a page's site may do something asks the same way.
//
//	allowed, err := origin.ParseAllowed("https://*.contoso.com")
//	from, err := origin.Parse(r.Header.Get("Origin"))
//	allowed.Covers(from)
//
// Nothing here has state or blocks.
package origin

import (
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strconv"
	"strings"
)

// Origin is one web origin, or all below a domain. Origins that are the same are
// equal. The zero value is none, which covers nothing but itself.
type Origin struct {
	scheme   string // http or https
	host     string // in lower case, ASCII; of a wildcard what follows "*."
	port     string // empty: the scheme's own
	wildcard bool
}

// String is the origin as a browser writes it.
func (o Origin) String() string {
	s := o.scheme + "://"
	if o.wildcard {
		s += "*."
	}
	s += o.host
	if o.port != "" {
		s += ":" + o.port
	}
	return s
}

// Scheme is https or http.
func (o Origin) Scheme() string { return o.scheme }

// Covers tells whether other is o or, below a wildcard, under it at any depth.
func (o Origin) Covers(other Origin) bool {
	if o.scheme != other.scheme || o.port != other.port {
		return false
	}
	if o.wildcard {
		return strings.HasSuffix(other.host, "."+o.host)
	}
	return o.host == other.host
}

// Parse reads scheme://host[:port] and nothing else: whatever could be
// read in two ways is refused. The error says what is wrong and not with what.
func Parse(s string) (Origin, error) {
	scheme, rest, ok := strings.Cut(strings.ToLower(s), "://")
	switch {
	case !ok:
		return Origin{}, errors.New("it does not begin with https://")
	case scheme != "http" && scheme != "https":
		return Origin{}, errors.New("its scheme is neither https nor http")
	case strings.ContainsAny(rest, "/?#"):
		return Origin{}, errors.New("something follows the host; an origin ends there, without a slash")
	case strings.Contains(rest, "@"):
		return Origin{}, errors.New("it has a user name")
	}
	host, port, err := splitPort(rest)
	if err != nil {
		return Origin{}, err
	}
	if err := checkHost(host); err != nil {
		return Origin{}, err
	}
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	return Origin{scheme: scheme, host: host, port: port}, nil
}

// splitPort takes the port off a host, which may be an IPv6 address in brackets.
func splitPort(s string) (host, port string, err error) {
	end := strings.LastIndexByte(s, ':')
	if end < 0 || strings.HasSuffix(s, "]") {
		return s, "", nil
	}
	host, port = s[:end], s[end+1:]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "", "", fmt.Errorf("its port %q is not a number from 1 to 65535", port)
	}
	return host, port, nil
}

func checkHost(host string) error {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		// A browser writes an address in its one short form.
		if ip, err := netip.ParseAddr(inner); !ok || err != nil || ip.Zone() != "" || ip.String() != inner {
			return errors.New("its host is not an IPv6 address in brackets, in its shortest form")
		}
		return nil
	}
	if host == "" {
		return errors.New("it has no host")
	}
	if len(host) > 253 {
		return errors.New("its host is longer than 253 bytes")
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" {
			return errors.New("its host has an empty label")
		}
		for _, c := range label {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return fmt.Errorf("its host has the character %q; write other alphabets as xn--", c)
			}
		}
	}
	return nil
}

// ParseAllowed reads an entry of an allow-list: an origin, or
// https://*.host for everything below host. The error is as Parse's.
func ParseAllowed(s string) (Origin, error) {
	rest, wildcard := strings.CutPrefix(s, "https://*.")
	switch {
	case s == "*":
		return Origin{}, errors.New("every site cannot be allowed: name them")
	case wildcard:
		s = "https://" + rest
	case strings.Contains(s, "*"):
		return Origin{}, errors.New("a star stands only as in https://*.example.com")
	}
	o, err := Parse(s)
	if err != nil {
		return Origin{}, err
	}
	if wildcard && !strings.Contains(o.host, ".") {
		return Origin{}, errors.New("a whole top-level domain cannot be allowed")
	}
	o.wildcard = wildcard
	return o, nil
}

// Entries are the entries of an allow-list that cover o, or all that it covers:
// itself, and those for everything below a domain that it is in.
func (o Origin) Entries() iter.Seq[Origin] {
	return func(yield func(Origin) bool) {
		if !yield(o) {
			return
		}
		for _, below, ok := strings.Cut(o.host, "."); ok; _, below, ok = strings.Cut(below, ".") {
			if !yield(Origin{scheme: o.scheme, host: below, port: o.port, wildcard: true}) {
				return
			}
		}
	}
}
