package wire

import "strconv"

// Members are written in the order in which ASP.NET Core writes them.
func (jsonCodec) Append(dst []byte, m *Message) []byte {
	m.mustHaveKind()
	dst = append(dst, `{"type":`...)
	dst = append(dst, '0'+byte(m.Kind))
	if m.Kind == Invocation && len(m.Headers) > 0 {
		dst = appendHeaders(dst, m.Headers)
	}
	if m.InvocationID != nil && m.Kind <= CancelInvocation {
		dst = append(dst, `,"invocationId":`...)
		dst = appendName(dst, m.InvocationID)
	}
	switch m.Kind {
	case Invocation, StreamInvocation:
		dst = appendInvocation(dst, m)
	case StreamItem:
		dst = append(dst, `,"item":`...)
		dst = appendRaw(dst, m.Value, "null")
	case Completion:
		if m.HasError {
			dst = appendError(dst, m)
		} else if m.Value != nil {
			dst = append(dst, `,"result":`...)
			dst = append(dst, m.Value...)
		}
	case Close:
		if m.HasError {
			dst = appendError(dst, m)
		}
		if m.AllowReconnect {
			dst = append(dst, `,"allowReconnect":true`...)
		}
	case Ack, Sequence:
		dst = append(dst, `,"sequenceId":`...)
		dst = strconv.AppendInt(dst, m.SequenceID, 10)
	}
	return append(dst, '}', separator)
}

func appendInvocation(dst []byte, m *Message) []byte {
	dst = append(dst, `,"target":`...)
	dst = appendName(dst, m.Target)
	dst = append(dst, `,"arguments":`...)
	dst = appendRaw(dst, m.Arguments, "[]")
	if len(m.StreamIDs) == 0 {
		return dst
	}
	for i, id := range m.StreamIDs {
		if i == 0 {
			dst = append(dst, `,"streamIds":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendName(dst, []byte(id))
	}
	return append(dst, ']')
}

func appendError(dst []byte, m *Message) []byte {
	dst = append(dst, `,"error":`...)
	return appendName(dst, m.Error)
}

// appendRaw appends an encoded value, or what stands for its absence.
func appendRaw(dst, raw []byte, absent string) []byte {
	if raw == nil {
		return append(dst, absent...)
	}
	return append(dst, raw...)
}
