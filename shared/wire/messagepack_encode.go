package wire

// What a completion says that it has.
const (
	packError  = 1
	packVoid   = 2
	packResult = 3
)

// Arrays have the members that ASP.NET Core gives them, streamIds always.
func (packCodec) Append(dst []byte, m *Message) []byte {
	m.mustHaveKind()
	start := len(dst)
	kind := byte(m.Kind)
	const noHeaders = 0x80
	switch m.Kind {
	case Invocation, StreamInvocation:
		dst = append(dst, 0x96, kind)
		if m.Kind == Invocation {
			dst = appendPackHeaders(dst, m.Headers)
		} else {
			dst = append(dst, noHeaders)
		}
		dst = appendPackOptional(dst, m.InvocationID, m.InvocationID != nil)
		dst = appendPackName(dst, m.Target)
		dst = appendPackRaw(dst, m.Arguments, 0x90)
		dst = appendPackCount(dst, packList, len(m.StreamIDs))
		for _, id := range m.StreamIDs {
			dst = appendPackName(dst, []byte(id))
		}
	case StreamItem:
		dst = append(dst, 0x94, kind, noHeaders)
		dst = appendPackName(dst, m.InvocationID)
		dst = appendPackRaw(dst, m.Value, 0xc0)
	case Completion:
		dst = appendPackCompletion(dst, m)
	case CancelInvocation:
		dst = append(dst, 0x93, kind, noHeaders)
		dst = appendPackName(dst, m.InvocationID)
	case Ping:
		dst = append(dst, 0x91, kind)
	case Close:
		dst = append(dst, 0x93, kind)
		dst = appendPackOptional(dst, m.Error, m.HasError)
		dst = appendPackBool(dst, m.AllowReconnect)
	default:
		dst = append(dst, 0x92, kind)
		dst = appendPackInt(dst, m.SequenceID)
	}
	return prefixLength(dst, start)
}

func appendPackCompletion(dst []byte, m *Message) []byte {
	members, has := byte(0x95), byte(packResult)
	switch {
	case m.HasError:
		has = packError
	case m.Value == nil:
		members, has = 0x94, packVoid
	}
	dst = append(dst, members, byte(Completion), 0x80)
	dst = appendPackName(dst, m.InvocationID)
	dst = append(dst, has)
	switch has {
	case packError:
		return appendPackName(dst, m.Error)
	case packResult:
		return append(dst, m.Value...)
	}
	return dst
}

// appendPackOptional appends a text, or nil if it is not there.
func appendPackOptional(dst, text []byte, there bool) []byte {
	if !there {
		return append(dst, 0xc0)
	}
	return appendPackName(dst, text)
}

// appendPackRaw appends an encoded value, or what stands for its absence.
func appendPackRaw(dst, raw []byte, absent byte) []byte {
	if raw == nil {
		return append(dst, absent)
	}
	return append(dst, raw...)
}

// prefixLength puts the length of the message that begins at start before it.
func prefixLength(dst []byte, start int) []byte {
	var prefix [maxPrefix]byte
	used := 0
	for n := len(dst) - start; ; n >>= 7 {
		prefix[used] = byte(n & 0x7f)
		used++
		if n < 0x80 {
			return insert(dst, start, prefix[:used])
		}
		prefix[used-1] |= 0x80
	}
}
