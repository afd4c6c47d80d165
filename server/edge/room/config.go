package room

import (
	"fmt"
	"strconv"
	"strings"

	"partline.dev/server/keys"
	"partline.dev/server/tenants"
)

// Configure sets what the variables of a Worker say, as [Main] does. Empty: o stays as
// it is. The error names the variable.
//
//	TENANTS                  the text of a file of tenants, as package tenants reads it
//	KEYS                     the text of a file of keys, as package keys reads it
//	MAX_CONNECTIONS          of the room
//	MAX_PER_ADDRESS          connections of one client address
//	HANDSHAKES_PER_ADDRESS   of those, in their handshake
//	MESSAGE_LIMIT            bytes of a hub message, at most 1 MiB
//	HISTORY_BYTES            of the room's history
//	DETAILED_ERRORS          true: clients read the text of any error
func (o *Options) Configure(variable func(name string) string) error {
	if text := variable("TENANTS"); text != "" {
		book, err := tenants.Read([]byte(text))
		if err != nil {
			return fmt.Errorf("TENANTS: %w", err)
		}
		o.Book = book
	}
	if text := variable("KEYS"); text != "" {
		ring, err := keys.Parse([]byte(text))
		if err != nil {
			return fmt.Errorf("KEYS: %w", err)
		}
		o.Signer = keys.NewSigner(ring)
	}
	for name, set := range map[string]func(n int){
		"MAX_CONNECTIONS":        func(n int) { o.MaxConnections = n },
		"MAX_PER_ADDRESS":        func(n int) { o.MaxPerAddress = n },
		"HANDSHAKES_PER_ADDRESS": func(n int) { o.HandshakesPerAddress = n },
		"MESSAGE_LIMIT":          func(n int) { o.MessageLimit = n },
		"HISTORY_BYTES":          func(n int) { o.HistoryBytes = int64(n) },
	} {
		text := strings.TrimSpace(variable(name))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return fmt.Errorf("%s: %.40q is no whole number above 0", name, text)
		}
		set(n)
	}
	if o.MessageLimit > maxMessageLimit {
		return fmt.Errorf("MESSAGE_LIMIT: a hub message has at most %d bytes", maxMessageLimit)
	}
	switch text := strings.TrimSpace(variable("DETAILED_ERRORS")); text {
	case "", "false":
	case "true":
		o.DetailedErrors = true
	default:
		return fmt.Errorf("DETAILED_ERRORS: %.40q is neither true nor false", text)
	}
	return nil
}

// maxMessageLimit is the most that a hub message may be allowed to have, in bytes.
const maxMessageLimit = 1 << 20
