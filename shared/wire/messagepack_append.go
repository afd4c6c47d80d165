package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// Numbers, lengths and counts are written in the shortest form, those that are
// not below zero as unsigned: so do the MessagePack libraries of .NET and
// JavaScript.

func appendPackBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 0xc3)
	}
	return append(dst, 0xc2)
}

func appendPackUint(dst []byte, u uint64) []byte {
	if u < 0x80 {
		return append(dst, byte(u))
	}
	return appendPackSize(dst, 0xcc, u)
}

func appendPackInt(dst []byte, i int64) []byte {
	switch {
	case i >= 0:
		return appendPackUint(dst, uint64(i))
	case i >= -32:
		return append(dst, byte(i))
	case i >= math.MinInt8:
		return append(dst, 0xd0, byte(i))
	case i >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(i))
	case i >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(i))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(i))
}

// appendPackSize appends n after the first of four codes that fits it: for one,
// two, four and eight bytes.
func appendPackSize(dst []byte, code byte, n uint64) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(dst, code, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, code+1), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, code+2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, code+3), n)
}

// appendPackFloat appends f in as many bits as its type has.
func appendPackFloat(dst []byte, f float64, bits int) []byte {
	if bits == 32 {
		return binary.BigEndian.AppendUint32(append(dst, 0xca), math.Float32bits(float32(f)))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

// appendPackText appends s, which is UTF-8.
func appendPackText[S []byte | string](dst []byte, s S) []byte {
	if len(s) < 32 {
		dst = append(dst, 0xa0|byte(len(s)))
	} else {
		dst = appendPackSize(dst, 0xd9, uint64(len(s)))
	}
	return append(dst, s...)
}

// appendPackName appends a name or an error text of a message. It cannot fail,
// so what is not UTF-8 becomes U+FFFD.
func appendPackName(dst, s []byte) []byte {
	if !utf8.Valid(s) {
		s = bytes.ToValidUTF8(s, []byte("\uFFFD"))
	}
	return appendPackText(dst, s)
}

func appendPackBytes(dst, b []byte) []byte {
	return append(appendPackSize(dst, 0xc4, uint64(len(b))), b...)
}

// appendPackCount appends the head of an array or a map of n members.
func appendPackCount(dst []byte, k packKind, n int) []byte {
	fix, code := byte(0x90), byte(0xdc)
	if k == packMap {
		fix, code = 0x80, 0xde
	}
	switch {
	case n < 16:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, code), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, code+1), uint32(n))
}

// insert puts head before what dst has from at on.
func insert(dst []byte, at int, head []byte) []byte {
	end := len(dst)
	dst = append(dst, head...)
	copy(dst[at+len(head):], dst[at:end])
	copy(dst[at:], head)
	return dst
}
