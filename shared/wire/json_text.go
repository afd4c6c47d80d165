package wire

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// appendText appends s, which is UTF-8, as a JSON string. Control characters are
// escaped, the record separator 0x1E among them, so that no value can end its
// own record.
func appendText[S []byte | string](dst []byte, s S) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// appendName appends a name or an error text of a message. It cannot fail, so
// what is not UTF-8 becomes U+FFFD.
func appendName(dst, s []byte) []byte {
	if !utf8.Valid(s) {
		s = bytes.ToValidUTF8(s, []byte("\uFFFD"))
	}
	return appendText(dst, s)
}

// escapeLength is the length of the escape at the start of b, both halves of a
// surrogate pair being one.
func escapeLength(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, malformed("it ends inside an escape")
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
	default:
		return 0, malformed("a backslash is followed by %#02x", b[1])
	}
	r, ok := hexRune(b)
	switch {
	case !ok:
		return 0, malformed("\\u is not followed by four hexadecimal digits")
	case !utf16.IsSurrogate(r):
		return 6, nil
	}
	low, ok := hexRune(b[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0, ErrUTF8
	}
	return 12, nil
}

// hexRune reads the \uXXXX at the start of b.
func hexRune(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape returns a copy of the inside of a JSON string with its escapes
// resolved. They have been checked by escapeLength.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		switch c := raw[1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hexRune(raw)
			if utf16.IsSurrogate(r) {
				low, _ := hexRune(raw[6:])
				r = utf16.DecodeRune(r, low)
				raw = raw[6:]
			}
			out = utf8.AppendRune(out, r)
			raw = raw[4:]
		default:
			out = append(out, c)
		}
		raw = raw[2:]
	}
}
