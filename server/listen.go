package server

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen opens addr, host:port, which a flag of the program has set, and says in words
// what is wrong with it. An empty addr is the port of HTTP, as in package http.
func Listen(flag, addr string) (net.Listener, error) {
	if addr == "" {
		addr = ":http"
	}
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program; choose another with %s", addr, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not serve at %s; choose a port over 1023 with %s", addr, flag)
	case err != nil:
		return nil, fmt.Errorf("cannot serve at %s (set by %s): %w", addr, flag, err)
	}
	return l, nil
}
