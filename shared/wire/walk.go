package wire

// Members calls each for every member of the JSON object that text is, in the
// order in which they stand there, also when two have one name. All of the text is
// checked before the first call: syntax, UTF-8, and a depth of at most [MaxDepth],
// the object being level 1. A name has its escapes resolved; a value stands as it
// was written. Both alias text, except where an escape forced a copy. An error of
// each ends the walk and is returned as it is.
func Members(text []byte, each func(name, value []byte) error) error {
	s, err := whole(text, '{')
	if err != nil {
		return err
	}
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
		if err := each(name, value); err != nil {
			return err
		}
	}
	return err
}

// Elements calls each for every value of the JSON array that text is, in order,
// under the rules of [Members].
func Elements(text []byte, each func(value []byte) error) error {
	s, err := whole(text, '[')
	if err != nil {
		return err
	}
	more, err := s.enter('[', ']', 0)
	for ; more && err == nil; more, err = s.following(']') {
		value, err := s.value(1)
		if err != nil {
			return err
		}
		if err := each(value); err != nil {
			return err
		}
	}
	return err
}

// JSONText is what the JSON string that text is says.
func JSONText(text []byte) (string, error) {
	s := scanner{data: text}
	if s.next() != '"' {
		return "", s.unexpected("a string")
	}
	raw, escaped, err := s.text()
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return "", err
	}
	if escaped {
		raw = unescape(raw)
	}
	return string(raw), nil
}

// whole checks all of text, which must be one value that begins with open, and
// returns a scanner at its start.
func whole(text []byte, open byte) (scanner, error) {
	s := scanner{data: text}
	if s.next() != open {
		return s, s.unexpected("an opening bracket")
	}
	if _, err := s.value(0); err != nil {
		return s, err
	}
	if err := s.end(); err != nil {
		return s, err
	}
	return scanner{data: text}, nil
}
