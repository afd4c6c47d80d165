package wire

import (
	"strconv"
	"unicode/utf8"
)

// scanner walks over JSON text (RFC 8259) and checks it on the way.
type scanner struct {
	data []byte
	pos  int
	wide bool // there was a number that 64 bits cannot hold
}

// next skips white space and returns the byte that follows, 0 at the end. A zero
// byte is nowhere right outside a string, so the two need no telling apart.
func (s *scanner) next() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// unexpected is the error for what stands at pos.
func (s *scanner) unexpected(wanted string) error {
	if s.pos >= len(s.data) {
		return malformed("it ends where %s is expected", wanted)
	}
	return malformed("byte %d is %#02x where %s is expected", s.pos, s.data[s.pos], wanted)
}

// end tells whether nothing but white space is left.
func (s *scanner) end() error {
	if s.next() != 0 || s.pos < len(s.data) {
		return s.unexpected("the end")
	}
	return nil
}

// enter steps into the array or object that begins here and tells whether it has
// a first member; if not it is left behind. Depth is that of what surrounds it.
func (s *scanner) enter(open, shut byte, depth int) (more bool, err error) {
	if s.next() != open {
		return false, s.unexpected("an opening bracket")
	}
	if depth >= MaxDepth {
		return false, ErrDepth
	}
	s.pos++
	if s.next() == shut {
		s.pos++
		return false, nil
	}
	return true, nil
}

// following steps over what comes after a member and tells whether that was a
// comma and not the end.
func (s *scanner) following(shut byte) (more bool, err error) {
	switch s.next() {
	case ',':
		s.pos++
		return true, nil
	case shut:
		s.pos++
		return false, nil
	}
	return false, s.unexpected("a comma or a closing bracket")
}

// key reads a member's name and the colon. The name aliases the text unless it
// has escapes.
func (s *scanner) key() ([]byte, error) {
	if s.next() != '"' {
		return nil, s.unexpected("a name")
	}
	name, escaped, err := s.text()
	if err != nil {
		return nil, err
	}
	if s.next() != ':' {
		return nil, s.unexpected("a colon")
	}
	s.pos++
	if escaped {
		name = unescape(name)
	}
	return name, nil
}

// value skips one value and returns it as it stands. Depth is that of what
// surrounds it.
func (s *scanner) value(depth int) ([]byte, error) {
	c := s.next()
	start := s.pos
	var err error
	switch c {
	case '{':
		var more bool
		for more, err = s.enter('{', '}', depth); more && err == nil; more, err = s.following('}') {
			if _, err = s.key(); err != nil {
				return nil, err
			}
			if _, err = s.value(depth + 1); err != nil {
				return nil, err
			}
		}
	case '[':
		_, err = s.array(depth)
	case '"':
		_, _, err = s.text()
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	default:
		_, err = s.number()
	}
	return s.data[start:s.pos], err
}

// array skips an array and counts its members.
func (s *scanner) array(depth int) (count int, err error) {
	more, err := s.enter('[', ']', depth)
	for ; more && err == nil; more, err = s.following(']') {
		if _, err = s.value(depth + 1); err != nil {
			return 0, err
		}
		count++
	}
	return count, err
}

// literal skips one of JSON's three words.
func (s *scanner) literal(word string) error {
	rest := s.data[s.pos:]
	if len(rest) < len(word) || string(rest[:len(word)]) != word {
		return s.unexpected(word)
	}
	s.pos += len(word)
	return nil
}

// number skips a number and returns it as it stands.
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if s.digits() == 0 {
		return nil, s.unexpected("a value")
	}
	if s.at('.') {
		s.pos++
		if s.digits() == 0 {
			return nil, s.unexpected("a digit")
		}
	}
	exponent := s.at('e') || s.at('E')
	if exponent {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if s.digits() == 0 {
			return nil, s.unexpected("a digit")
		}
	}
	n := s.data[start:s.pos]
	if exponent || len(n) > 300 { // else it is less than 1e308
		_, err := strconv.ParseFloat(string(n), 64)
		s.wide = s.wide || err != nil
	}
	return n, nil
}

// at tells whether c stands at pos.
func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

// digits skips decimal digits and counts them.
func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos - start
}

// text skips the string that begins here and returns what stands between its
// quotes, and whether that has escapes. The escapes have been checked.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	start := s.pos + 1
	var all byte // the bits of all bytes; the highest says that there is more than ASCII
	for i := start; i < len(s.data); i++ {
		c := s.data[i]
		all |= c
		switch {
		case c == '"':
			s.pos = i + 1
			raw = s.data[start:i]
			if all >= utf8.RuneSelf && !utf8.Valid(raw) {
				return nil, false, ErrUTF8
			}
			return raw, escaped, nil
		case c == '\\':
			n, err := escapeLength(s.data[i:])
			if err != nil {
				return nil, false, err
			}
			escaped = true
			i += n - 1
		case c < ' ':
			s.pos = i
			return nil, false, s.unexpected("a string without bare control characters")
		}
	}
	s.pos = len(s.data)
	return nil, false, s.unexpected("a closing quote")
}
