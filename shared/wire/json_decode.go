package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// record is a JSON message taken apart but not understood: each member that any
// kind of message has, as it stands. Nil members are absent. Since members may
// come in any order and the kind decides what they mean, this comes first.
type record struct {
	kind, invocationID, target, arguments, streamIDs       []byte
	item, result, err, allowReconnect, sequenceID, headers []byte
	argumentCount                                          int // -1: arguments is not an array
}

// member is where the record keeps the value of name, nil if nowhere. Protocol
// names are compared exactly, as every other server does.
func (r *record) member(name []byte) *[]byte {
	switch string(name) {
	case "type":
		return &r.kind
	case "invocationId":
		return &r.invocationID
	case "target":
		return &r.target
	case "arguments":
		return &r.arguments
	case "streamIds":
		return &r.streamIDs
	case "item":
		return &r.item
	case "result":
		return &r.result
	case "error":
		return &r.err
	case "allowReconnect":
		return &r.allowReconnect
	case "sequenceId":
		return &r.sequenceID
	case "headers":
		return &r.headers
	}
	return nil
}

// read takes the whole of s apart.
func (r *record) read(s *scanner) error {
	more, err := s.enter('{', '}', 0)
	for ; more && err == nil; more, err = s.following('}') {
		name, err := s.key()
		if err != nil {
			return err
		}
		member := r.member(name)
		if member == &r.arguments && s.next() == '[' {
			// The one value that is counted while it is skipped.
			start := s.pos
			if r.argumentCount, err = s.array(1); err != nil {
				return err
			}
			r.arguments = s.data[start:s.pos]
			continue
		}
		value, err := s.value(1)
		if err != nil {
			return err
		}
		if member != nil {
			*member = value
		}
	}
	if err != nil {
		return err
	}
	return s.end()
}

func (jsonCodec) Decode(msg []byte, m *Message) error {
	*m = Message{}
	var r record
	if err := r.read(&scanner{data: msg}); err != nil {
		return err
	}
	kind, err := strconv.ParseInt(string(r.kind), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return malformed("its type is not an integer")
	}
	if kind <= int64(Unknown) || kind > int64(Sequence) {
		return nil // of kind Unknown, whatever its members mean
	}
	m.Kind, err = Kind(kind), nil
	switch m.Kind {
	case Invocation, StreamInvocation:
		err = r.invocation(m)
	case StreamItem:
		if m.Value = r.item; m.Value == nil {
			err = malformed("it has no item")
		} else {
			err = r.id(m)
		}
	case Completion:
		err = r.completion(m)
	case CancelInvocation:
		err = r.id(m)
	case Close:
		if err = r.error(m); err == nil {
			m.AllowReconnect, err = flag(r.allowReconnect)
		}
	case Ack, Sequence:
		err = r.sequence(m)
	}
	if err != nil {
		*m = Message{}
	}
	return err
}

func (r *record) invocation(m *Message) (err error) {
	if present(r.invocationID) {
		err = r.id(m)
	} else if m.Kind == StreamInvocation {
		err = malformed("it has no invocationId")
	}
	if err != nil {
		return err
	}
	if m.Target, err = name(r.target, "target"); err != nil {
		return err
	}
	switch {
	case len(r.arguments) == 0 || r.arguments[0] != '[':
		return malformed("its arguments are not an array")
	case r.argumentCount > MaxArguments:
		return malformed("it has more than %d arguments", MaxArguments)
	}
	m.Arguments, m.ArgumentCount = r.arguments, r.argumentCount
	if m.Kind == Invocation && len(r.headers) > 0 && r.headers[0] == '{' {
		if m.Headers, err = readHeaders(r.headers); err != nil {
			return err
		}
	}
	if !present(r.streamIDs) {
		return nil
	}
	s := scanner{data: r.streamIDs}
	more, err := s.enter('[', ']', 1)
	for ; more && err == nil; more, err = s.following(']') {
		if len(m.StreamIDs) == MaxStreamIDs {
			return malformed("it has more than %d streamIds", MaxStreamIDs)
		}
		raw, err := s.value(2)
		if err != nil {
			return err
		}
		id, err := name(raw, "streamId")
		if err != nil {
			return err
		}
		m.StreamIDs = append(m.StreamIDs, string(id))
	}
	return err
}

func (r *record) completion(m *Message) error {
	m.Value = r.result
	if err := r.error(m); err != nil {
		return err
	}
	if m.HasError && m.Value != nil {
		return malformed("it has a result and an error")
	}
	return r.id(m)
}

func (r *record) sequence(m *Message) error {
	n, err := strconv.ParseUint(string(r.sequenceID), 10, 63)
	if err != nil {
		return malformed("its sequenceId is not a count")
	}
	m.SequenceID = int64(n)
	return nil
}

func (r *record) id(m *Message) (err error) {
	m.InvocationID, err = name(r.invocationID, "invocationId")
	return err
}

func (r *record) error(m *Message) (err error) {
	if !present(r.err) {
		return nil
	}
	m.HasError = true
	m.Error, err = str(r.err, "error")
	return err
}

// present tells whether a member is there and not null.
func present(raw []byte) bool { return len(raw) > 0 && raw[0] != 'n' }

// name reads a member that must be there and be a name.
func name(raw []byte, what string) ([]byte, error) {
	if !present(raw) {
		return nil, malformed("it has no %s", what)
	}
	s, err := str(raw, what)
	if err != nil {
		return nil, err
	}
	return checkName(s, what)
}

// checkName tells whether s may be the name of something.
func checkName(s []byte, what string) ([]byte, error) {
	switch {
	case len(s) == 0:
		return nil, malformed("its %s is empty", what)
	case len(s) > MaxName:
		return nil, malformed("its %s is longer than %d bytes", what, MaxName)
	}
	return s, nil
}

// str reads a member that is a string. The result aliases raw unless there are
// escapes.
func str(raw []byte, what string) ([]byte, error) {
	if raw[0] != '"' {
		return nil, malformed("its %s is not a string", what)
	}
	s := raw[1 : len(raw)-1]
	if bytes.IndexByte(s, '\\') >= 0 {
		s = unescape(s)
	}
	return s, nil
}

// flag reads a member that is true, false or absent.
func flag(raw []byte) (bool, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if !present(raw) {
		return false, nil
	}
	return false, malformed("its allowReconnect is not a boolean")
}
