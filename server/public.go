package server

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// public is where people reach the server, as Options.PublicURL says. The zero
// value is where each request was sent to.
type public struct {
	scheme string // http or https; empty: it is not said
	host   string // with its port
	prefix string // of every path, as in /apps/parts; empty: none
}

// origin is the public origin; empty: it is not said.
func (p public) origin() string {
	if p.scheme == "" {
		return ""
	}
	return p.scheme + "://" + p.host
}

// prefixCharacters are what needs no escaping, in an address as in a script.
const prefixCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"

// parsePublicURL reads scheme://host[:port][/prefix]. Whether the origin can be
// one is for the policy to say.
func parsePublicURL(s string) (public, error) {
	if s == "" {
		return public{}, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return public{}, errors.New("it is not a web address, as https://parts.example/apps is")
	case u.Scheme != "https" && u.Scheme != "http":
		return public{}, errors.New("it begins with https:// or http://")
	case u.Host == "" || u.User != nil:
		return public{}, errors.New("after the scheme comes a host and nothing else")
	case strings.ContainsAny(s, "?#"):
		return public{}, errors.New("it has no question mark and no #")
	}
	prefix := strings.TrimSuffix(u.EscapedPath(), "/")
	if prefix != "" && prefix != path.Clean(prefix) || prefix == "/" || strings.Trim(prefix, prefixCharacters) != "" {
		return public{}, fmt.Errorf("its path %q is not made of plain names between single slashes", prefix)
	}
	if first := firstName(prefix); ours[first] {
		return public{}, fmt.Errorf("its path begins with /%s, which is an address of the server itself; choose another", first)
	}
	return public{scheme: u.Scheme, host: strings.ToLower(u.Host), prefix: prefix}, nil
}

// checkMounts says which of mounts could not be told from the prefix: a proxy may
// have taken that off, or not.
func (p public) checkMounts(mounts map[string]Mount) error {
	for _, m := range mounts {
		if p.prefix != "" && strings.EqualFold(firstName(m.Path), firstName(p.prefix)) {
			return fmt.Errorf("its path begins with /%s, and so does the hub at %s; choose another", firstName(p.prefix), m.Path)
		}
	}
	return nil
}

// firstName is what stands between the first two slashes of a path.
func firstName(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// ours are the first names of the server's own addresses. A prefix that begins
// with one could not be told from an address whose prefix a proxy has taken off.
var ours = map[string]bool{
	"parts": true, "hubs": true, "signalr": true, "web": true, "dev": true, "offline": true,
	"install": true, "api": true,
	"worker.js": true, "manifest.webmanifest": true, "healthz": true, "readyz": true,
}
