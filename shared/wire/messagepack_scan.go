package wire

import "unicode/utf8"

// packKind is what a MessagePack value is.
type packKind uint8

const (
	packNil packKind = iota
	packBool
	packInt // below zero
	packUint
	packFloat32
	packFloat64
	packText
	packBytes
	packList
	packMap
	packExtension
)

// packWords are what errors call the kinds.
var packWords = [...]string{
	"null", "a boolean", "a number", "a number", "a number", "a number", "a string", "bytes", "an array", "a map", "an extension",
}

// packHead is the first bytes of a value: all of it, or what tells how many bytes
// or members follow.
type packHead struct {
	kind packKind
	ext  int8   // of packExtension: its type
	n    uint64 // the number's bits, or how many bytes or members follow; true is 1
}

// packScanner walks over MessagePack and checks it on the way. (Package msgp of
// tinylib has functions for heads, too. It would be 27 kB of every browser's
// program, also of those that only speak JSON, since what it does when it is
// loaded keeps its JSON printer.)
type packScanner struct {
	data []byte
	pos  int
}

// left is how many bytes there still are.
func (s *packScanner) left() uint64 { return uint64(len(s.data) - s.pos) }

// end tells whether nothing is left.
func (s *packScanner) end() error {
	if s.left() > 0 {
		return malformed("byte %d comes after the end", s.pos)
	}
	return nil
}

// head reads the head of the next value. What it says follows is there: as many
// bytes, or at least a byte for each member.
func (s *packScanner) head() (packHead, error) {
	if s.left() == 0 {
		return packHead{}, malformed("it ends where a value is expected")
	}
	c := s.data[s.pos]
	s.pos++
	switch {
	case c < 0x80:
		return packHead{kind: packUint, n: uint64(c)}, nil
	case c < 0x90:
		return s.counted(packMap, uint64(c&0x0f))
	case c < 0xa0:
		return s.counted(packList, uint64(c&0x0f))
	case c < 0xc0:
		return s.counted(packText, uint64(c&0x1f))
	case c >= 0xe0:
		return packHead{kind: packInt, n: uint64(int64(int8(c)))}, nil
	}
	switch c {
	case 0xc0:
		return packHead{kind: packNil}, nil
	case 0xc2, 0xc3:
		return packHead{kind: packBool, n: uint64(c & 1)}, nil
	case 0xc4, 0xc5, 0xc6:
		return s.sized(packBytes, 1<<(c-0xc4))
	case 0xc7, 0xc8, 0xc9:
		return s.extension(1 << (c - 0xc7))
	case 0xca, 0xcb:
		n, err := s.number(4 << (c - 0xca))
		return packHead{kind: packFloat32 + packKind(c-0xca), n: n}, err
	case 0xcc, 0xcd, 0xce, 0xcf:
		n, err := s.number(1 << (c - 0xcc))
		return packHead{kind: packUint, n: n}, err
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return s.signed(1 << (c - 0xd0))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return s.extensionOf(1 << (c - 0xd4))
	case 0xd9, 0xda, 0xdb:
		return s.sized(packText, 1<<(c-0xd9))
	case 0xdc, 0xdd:
		return s.sized(packList, 2<<(c-0xdc))
	case 0xde, 0xdf:
		return s.sized(packMap, 2<<(c-0xde))
	}
	return packHead{}, malformed("byte %d is %#02x, which begins no value", s.pos-1, c)
}

// number reads size bytes, the highest first.
func (s *packScanner) number(size int) (n uint64, err error) {
	if s.left() < uint64(size) {
		return 0, malformed("it ends inside a number")
	}
	for _, b := range s.data[s.pos : s.pos+size] {
		n = n<<8 | uint64(b)
	}
	s.pos += size
	return n, nil
}

// signed reads a number of size bytes that may be below zero.
func (s *packScanner) signed(size int) (packHead, error) {
	n, err := s.number(size)
	shift := 64 - 8*size
	i := int64(n<<shift) >> shift
	if i < 0 {
		return packHead{kind: packInt, n: uint64(i)}, err
	}
	return packHead{kind: packUint, n: n}, err
}

// sized reads a length or count of size bytes.
func (s *packScanner) sized(k packKind, size int) (packHead, error) {
	n, err := s.number(size)
	if err != nil {
		return packHead{}, err
	}
	return s.counted(k, n)
}

// counted is the head of what has n bytes or members, if they can be there.
func (s *packScanner) counted(k packKind, n uint64) (packHead, error) {
	needed := n
	if k == packMap {
		needed = 2 * n // n has 32 bits
	}
	if needed > s.left() {
		return packHead{}, malformed("it ends before the %d bytes or members of a value", n)
	}
	return packHead{kind: k, n: n}, nil
}

// extension reads a length of size bytes, and the rest of an extension's head.
func (s *packScanner) extension(size int) (packHead, error) {
	n, err := s.number(size)
	if err != nil {
		return packHead{}, err
	}
	return s.extensionOf(n)
}

// extensionOf reads the type of an extension of n bytes.
func (s *packScanner) extensionOf(n uint64) (packHead, error) {
	typ, err := s.number(1)
	if err != nil {
		return packHead{}, err
	}
	h, err := s.counted(packExtension, n)
	h.ext = int8(typ)
	return h, err
}

// bytes are the bytes that follow h.
func (s *packScanner) bytes(h packHead) []byte {
	start := s.pos
	s.pos += int(h.n)
	return s.data[start:s.pos:s.pos]
}

// text is the text that follows h.
func (s *packScanner) text(h packHead) ([]byte, error) {
	b := s.bytes(h)
	if !utf8.Valid(b) {
		return nil, ErrUTF8
	}
	return b, nil
}

// skip walks over one value. Depth is that of the array or map around it.
func (s *packScanner) skip(depth int) error {
	h, err := s.head()
	if err != nil {
		return err
	}
	return s.skipRest(h, depth)
}

// skipRest walks over what follows h.
func (s *packScanner) skipRest(h packHead, depth int) error {
	switch h.kind {
	case packText:
		_, err := s.text(h)
		return err
	case packBytes, packExtension:
		s.bytes(h)
	case packList, packMap:
		if depth >= MaxDepth {
			return ErrDepth
		}
		members := h.n
		if h.kind == packMap {
			members *= 2
		}
		for range members {
			if err := s.skip(depth + 1); err != nil {
				return err
			}
		}
	}
	return nil
}
