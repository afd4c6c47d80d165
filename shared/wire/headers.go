package wire

// keepHeader adds a header that may be kept.
func keepHeader(list []Header, name, value []byte) []Header {
	if len(list) == MaxHeaders || len(name) > MaxHeader || len(value) > MaxHeader {
		return list
	}
	return append(list, Header{string(name), string(value)})
}

// readHeaders reads the JSON object of headers that object is, which was checked.
func readHeaders(object []byte) (list []Header, err error) {
	s := scanner{data: object}
	more, err := s.enter('{', '}', 1)
	for ; more && err == nil; more, err = s.following('}') {
		name, err := s.key()
		if err != nil {
			return nil, err
		}
		raw, err := s.value(2)
		if err != nil {
			return nil, err
		}
		if raw[0] != '"' || len(list) == MaxHeaders {
			continue
		}
		value, err := str(raw, "header")
		if err != nil {
			return nil, err
		}
		list = keepHeader(list, name, value)
	}
	return list, err
}

// appendHeaders appends the member of a JSON message that has the headers.
func appendHeaders(dst []byte, list []Header) []byte {
	dst = append(dst, `,"headers":{`...)
	for i, h := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendName(dst, []byte(h.Name))
		dst = append(dst, ':')
		dst = appendName(dst, []byte(h.Value))
	}
	return append(dst, '}')
}

// appendPackHeaders appends the map of headers.
func appendPackHeaders(dst []byte, list []Header) []byte {
	dst = appendPackCount(dst, packMap, len(list))
	for _, h := range list {
		dst = appendPackName(dst, []byte(h.Name))
		dst = appendPackName(dst, []byte(h.Value))
	}
	return dst
}
