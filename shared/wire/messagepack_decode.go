package wire

import "math"

// packRecord is a MessagePack message that is read from its first member to its
// last. Members after those that its kind has are for later versions of the
// protocol: they are checked and skipped.
type packRecord struct {
	packScanner
	members uint64 // how many are not read yet
}

func (packCodec) Decode(msg []byte, m *Message) error {
	*m = Message{}
	r := packRecord{packScanner{data: msg}, 0}
	err := r.message(m)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		*m = Message{}
	}
	return err
}

func (r *packRecord) message(m *Message) error {
	h, err := r.head()
	if err != nil {
		return err
	}
	if h.kind != packList {
		return malformed("it is not an array")
	}
	r.members = h.n
	if err := r.kind(m); err != nil {
		return err
	}
	if m.Kind >= Invocation && m.Kind <= CancelInvocation {
		err = r.headers(m)
	}
	if err == nil {
		err = r.body(m)
	}
	for ; r.members > 0 && err == nil; r.members-- {
		err = r.skip(1)
	}
	return err
}

// next is the head of the next member, which must be there.
func (r *packRecord) next(what string) (packHead, error) {
	if r.members == 0 {
		return packHead{}, malformed("it has no %s", what)
	}
	r.members--
	return r.head()
}

func (r *packRecord) kind(m *Message) error {
	h, err := r.next("type")
	if err != nil {
		return err
	}
	switch {
	case h.kind != packUint && h.kind != packInt:
		return malformed("its type is not an integer")
	case h.kind == packUint && h.n <= uint64(Sequence):
		m.Kind = Kind(h.n)
	}
	return nil // any other is of kind Unknown, whatever its members mean
}

func (r *packRecord) headers(m *Message) error {
	h, err := r.next("headers")
	switch {
	case err != nil:
		return err
	case h.kind != packMap:
		return malformed("its headers are not a map")
	case m.Kind != Invocation:
		return r.skipRest(h, 1)
	}
	for range h.n {
		name, named, err := r.textOrSkip()
		if err != nil {
			return err
		}
		value, valued, err := r.textOrSkip()
		if err != nil {
			return err
		}
		if named && valued {
			m.Headers = keepHeader(m.Headers, name, value)
		}
	}
	return nil
}

// textOrSkip is the next value inside a member, if that is a text.
func (r *packRecord) textOrSkip() (text []byte, there bool, err error) {
	h, err := r.head()
	switch {
	case err != nil:
		return nil, false, err
	case h.kind != packText:
		return nil, false, r.skipRest(h, 2)
	}
	text, err = r.text(h)
	return text, true, err
}

func (r *packRecord) body(m *Message) (err error) {
	switch m.Kind {
	case Invocation, StreamInvocation:
		return r.invocation(m)
	case StreamItem:
		if m.InvocationID, err = r.name("invocationId"); err == nil {
			m.Value, err = r.value("item")
		}
	case Completion:
		if m.InvocationID, err = r.name("invocationId"); err == nil {
			err = r.completion(m)
		}
	case CancelInvocation:
		m.InvocationID, err = r.name("invocationId")
	case Close:
		if m.Error, m.HasError, err = r.optional("error"); err == nil && r.members > 0 {
			m.AllowReconnect, err = r.flag()
		}
	case Ack, Sequence:
		m.SequenceID, err = r.sequence()
	}
	return err
}

func (r *packRecord) invocation(m *Message) (err error) {
	if m.Kind == StreamInvocation {
		m.InvocationID, err = r.name("invocationId")
	} else {
		m.InvocationID, err = r.caller()
	}
	if err != nil {
		return err
	}
	if m.Target, err = r.name("target"); err != nil {
		return err
	}
	start := r.pos
	h, err := r.next("arguments")
	switch {
	case err != nil:
		return err
	case h.kind != packList:
		return malformed("its arguments are not an array")
	case h.n > MaxArguments:
		return malformed("it has more than %d arguments", MaxArguments)
	}
	if err := r.skipRest(h, 1); err != nil {
		return err
	}
	m.Arguments, m.ArgumentCount = r.data[start:r.pos:r.pos], int(h.n)
	if r.members == 0 {
		return nil // older clients, and the JavaScript one where it has no uploads
	}
	m.StreamIDs, err = r.streamIDs()
	return err
}

// caller is who waits for the answer to an invocation. Nil and, as in ASP.NET
// Core, an empty text say nobody.
func (r *packRecord) caller() ([]byte, error) {
	id, there, err := r.optional("invocationId")
	if err != nil || !there || len(id) == 0 {
		return nil, err
	}
	return checkName(id, "invocationId")
}

func (r *packRecord) streamIDs() (ids []string, err error) {
	h, err := r.next("streamIds")
	switch {
	case err != nil || h.kind == packNil:
		return nil, err
	case h.kind != packList:
		return nil, malformed("its streamIds are not an array")
	case h.n > MaxStreamIDs:
		return nil, malformed("it has more than %d streamIds", MaxStreamIDs)
	}
	following := r.members
	r.members = h.n
	for range h.n {
		id, err := r.name("streamId")
		if err != nil {
			return nil, err
		}
		ids = append(ids, string(id))
	}
	r.members = following
	return ids, nil
}

func (r *packRecord) completion(m *Message) error {
	h, err := r.next("result kind")
	if err != nil {
		return err
	}
	switch {
	case h.kind == packUint && h.n == packError:
		if m.Error, m.HasError, err = r.optional("error"); err == nil && !m.HasError {
			err = malformed("its error is not a string")
		}
	case h.kind == packUint && h.n == packVoid:
	case h.kind == packUint && h.n == packResult:
		m.Value, err = r.value("result")
	default:
		err = malformed("its result kind is not 1, 2 or 3")
	}
	return err
}

// optional reads a member that is a text or nil.
func (r *packRecord) optional(what string) (text []byte, there bool, err error) {
	h, err := r.next(what)
	switch {
	case err != nil || h.kind == packNil:
		return nil, false, err
	case h.kind != packText:
		return nil, false, malformed("its %s is not a string", what)
	}
	text, err = r.text(h)
	return text, true, err
}

// name reads a member that is a name.
func (r *packRecord) name(what string) ([]byte, error) {
	text, there, err := r.optional(what)
	switch {
	case err != nil:
		return nil, err
	case !there:
		return nil, malformed("it has no %s", what)
	}
	return checkName(text, what)
}

// value is a member as it stands.
func (r *packRecord) value(what string) ([]byte, error) {
	start := r.pos
	h, err := r.next(what)
	if err == nil {
		err = r.skipRest(h, 1)
	}
	return r.data[start:r.pos:r.pos], err
}

func (r *packRecord) flag() (bool, error) {
	h, err := r.next("allowReconnect")
	if err == nil && h.kind != packBool {
		err = malformed("its allowReconnect is not a boolean")
	}
	return h.n != 0, err
}

func (r *packRecord) sequence() (int64, error) {
	h, err := r.next("sequenceId")
	if err == nil && (h.kind != packUint || h.n > math.MaxInt64) {
		err = malformed("its sequenceId is not a count")
	}
	return int64(h.n), err
}
