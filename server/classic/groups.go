package classic

import (
	"encoding/binary"

	"partline.dev/shared/contract"
)

// membership is one group of a hub that a connection is in.
type membership struct{ hub, group string }

// groupsUse is what groups tokens are signed for, with the address and the
// connection.
const groupsUse = "classic groups token 1\x00"

// maxGroups is how many groups a groups token may name, and maxGroupsToken how long
// it may be as text, in bytes. Of a connection that is in more groups the client
// has no token: it has them for as long as this server knows it.
const (
	maxGroups      = 10_000
	maxGroupsToken = 512 << 10
)

// signGroups is the token with which a connection gets its groups back; empty if
// they are too many. It says nothing of whose the connection is: its connection
// token does.
func (h *Handler) signGroups(id guid, groups []membership) string {
	if len(groups) > maxGroups {
		return ""
	}
	var b []byte
	of := "" // the hub of those before
	for _, m := range groups {
		if m.hub == of {
			b = append(b, 0) // no name is empty
		} else {
			b = appendName(b, m.hub)
		}
		of = m.hub
		b = appendName(b, m.group)
	}
	if len(b) > maxGroupsToken/4*3-64 {
		return ""
	}
	return h.options.Signer.Sign(h.groupsUse(id), b)
}

// verifyGroups is what a groups token says. One that was not signed for the
// connection says that it is in no group, as none does.
func (h *Handler) verifyGroups(id guid, text string) []membership {
	if text == "" || len(text) > maxGroupsToken {
		return nil
	}
	b, ok := h.options.Signer.Verify(h.groupsUse(id), text)
	if !ok {
		return nil
	}
	return readGroups(b)
}

func (h *Handler) groupsUse(id guid) string {
	return groupsUse + h.options.Path + "\x00" + string(id[:])
}

// appendName appends a name with its length before it.
func appendName(dst []byte, name string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(name)))
	return append(dst, name...)
}

// readGroups reads what signGroups has signed; nothing of what is not that.
func readGroups(b []byte) []membership {
	var groups []membership
	of := ""
	for len(b) > 0 {
		var m membership
		var ok bool
		if b[0] == 0 && of != "" {
			m.hub, b = of, b[1:]
		} else if m.hub, b, ok = readName(b); !ok {
			return nil
		}
		of = m.hub
		if m.group, b, ok = readName(b); !ok || len(groups) == maxGroups {
			return nil
		}
		groups = append(groups, m)
	}
	return groups
}

// readName reads a name at the start of b.
func readName(b []byte) (name string, rest []byte, ok bool) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return "", nil, false
	}
	name, rest = string(b[used:used+int(n)]), b[used+int(n):]
	return name, rest, contract.ValidName(name) == nil
}
