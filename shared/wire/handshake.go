package wire

import "strconv"

// Handshake is what a client asks for in its first record, which is JSON
// whatever protocol it asks for.
type Handshake struct {
	Protocol string // the name of a [Codec], at most [MaxName] bytes
	Version  int    // of the hub protocol; 2 means stateful reconnect
}

// ReadHandshake reads the client's first record. If ok is false and err nil,
// more bytes are needed. Rest is what follows and belongs to the protocol. A
// record over [MaxHandshake] gives [ErrTooLarge]. Whether the protocol and the
// version can be served is for the caller to say, and so is every error text.
func ReadHandshake(buf []byte) (h Handshake, rest []byte, ok bool, err error) {
	msg, rest, err := splitRecord(buf, MaxHandshake)
	if msg == nil || err != nil {
		return Handshake{}, buf, false, err
	}
	var protocol, version []byte
	err = members(msg, func(name string, value []byte) {
		switch name {
		case "protocol":
			protocol = value
		case "version":
			version = value
		}
	})
	if err != nil {
		return Handshake{}, buf, false, err
	}
	asked, err := name(protocol, "protocol")
	if err != nil {
		return Handshake{}, buf, false, err
	}
	n, err := strconv.ParseInt(string(version), 10, 32)
	if err != nil {
		return Handshake{}, buf, false, malformed("its version is not an integer")
	}
	return Handshake{Protocol: string(asked), Version: int(n)}, rest, true, nil
}

// AppendHandshake appends the client's first record.
func AppendHandshake(dst []byte, h Handshake) []byte {
	dst = append(dst, `{"protocol":`...)
	dst = appendName(dst, []byte(h.Protocol))
	dst = append(dst, `,"version":`...)
	dst = strconv.AppendInt(dst, int64(h.Version), 10)
	return append(dst, '}', separator)
}

// AppendHandshakeReply appends the server's answer. An empty errText says that
// the protocol begins; any other, that the connection ends.
func AppendHandshakeReply(dst []byte, errText string) []byte {
	dst = append(dst, '{')
	if errText != "" {
		dst = append(dst, `"error":`...)
		dst = appendName(dst, []byte(errText))
	}
	return append(dst, '}', separator)
}

// ReadHandshakeReply reads the server's answer; an empty errText is consent. If
// ok is false and err nil, more bytes are needed. Rest is what follows and
// belongs to the protocol. A record over [MaxHandshake] gives [ErrTooLarge]. A
// hub message in the place of the answer, known by its type, is refused.
func ReadHandshakeReply(buf []byte) (errText string, rest []byte, ok bool, err error) {
	msg, rest, err := splitRecord(buf, MaxHandshake)
	if msg == nil || err != nil {
		return "", buf, false, err
	}
	var text []byte
	typed := false
	err = members(msg, func(name string, value []byte) {
		switch name {
		case "error":
			text = value
		case "type":
			typed = true
		}
	})
	if err == nil && typed {
		err = malformed("it is a hub message, not the answer to a handshake")
	}
	if err == nil && present(text) {
		text, err = str(text, "error")
		errText = string(text)
	}
	if err != nil {
		return "", buf, false, err
	}
	return errText, rest, true, nil
}

// members hands each member of the object that is all of msg to take.
func members(msg []byte, take func(name string, value []byte)) error {
	s := scanner{data: msg}
	more, err := s.enter('{', '}', 0)
	for ; more && err == nil; more, err = s.following('}') {
		name, err := s.key()
		if err != nil {
			return err
		}
		value, err := s.value(1)
		if err != nil {
			return err
		}
		take(string(name), value)
	}
	if err != nil {
		return err
	}
	return s.end()
}
