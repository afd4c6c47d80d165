package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
)

// A [contract.RawJSON] is JSON to the program and MessagePack on the wire: what
// the one cannot say and the other can becomes what is nearest.

// appendPackOfJSON appends the JSON text as MessagePack: numbers without fraction
// and exponent that 64 bits can hold as integers, others as floats.
func appendPackOfJSON(dst, text []byte, depth int) ([]byte, error) {
	w := packOfJSON{scanner{data: text}}
	out, err := w.value(dst, depth)
	if err == nil {
		err = w.end()
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// packOfJSON walks over JSON text and writes what it meets as MessagePack.
type packOfJSON struct{ scanner }

func (w *packOfJSON) value(dst []byte, depth int) ([]byte, error) {
	switch w.next() {
	case '{':
		return w.members(dst, packMap, depth)
	case '[':
		return w.members(dst, packList, depth)
	case '"':
		text, escaped, err := w.text()
		if escaped && err == nil {
			text = unescape(text)
		}
		return appendPackText(dst, text), err
	case 't':
		return append(dst, 0xc3), w.literal("true")
	case 'f':
		return append(dst, 0xc2), w.literal("false")
	case 'n':
		return append(dst, 0xc0), w.literal("null")
	}
	n, err := w.number()
	if err != nil {
		return dst, err
	}
	return appendPackNumber(dst, n)
}

// members writes an array or object. How many members it has is known after the
// last, so the head is put before them then.
func (w *packOfJSON) members(dst []byte, k packKind, depth int) ([]byte, error) {
	open, shut := byte('['), byte(']')
	if k == packMap {
		open, shut = '{', '}'
	}
	start, count := len(dst), 0
	more, err := w.enter(open, shut, depth)
	for ; more && err == nil; more, err = w.following(shut) {
		if k == packMap {
			key, err := w.key()
			if err != nil {
				return dst, err
			}
			dst = appendPackText(dst, key)
		}
		if dst, err = w.value(dst, depth+1); err != nil {
			return dst, err
		}
		count++
	}
	var head [5]byte
	return insert(dst, start, appendPackCount(head[:0], k, count)), err
}

func appendPackNumber(dst, n []byte) ([]byte, error) {
	if !bytes.ContainsAny(n, ".eE") { // else the attempts would only make errors
		if i, err := strconv.ParseInt(string(n), 10, 64); err == nil && (i != 0 || n[0] != '-') {
			return appendPackInt(dst, i), nil // -0 is a float
		}
		if u, err := strconv.ParseUint(string(n), 10, 64); err == nil {
			return appendPackUint(dst, u), nil
		}
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil {
		return dst, errWide
	}
	return appendPackFloat(dst, f, 64), nil
}

// json is the value that h begins as JSON text.
func (r *packReader) json(h packHead, depth int) ([]byte, error) {
	ahead := r.packScanner
	if err := ahead.skipRest(h, depth); err != nil {
		return nil, err
	}
	size := ahead.pos - r.pos
	return r.appendJSON(make([]byte, 0, size+size/4+len("false")), h, depth)
}

// appendJSON appends what follows h as JSON text: bytes as base64 and times as
// ISO 8601, as the JSON codec has them. Any other extension has no JSON form, nor
// does a map whose keys are not strings.
func (r *packReader) appendJSON(dst []byte, h packHead, depth int) ([]byte, error) {
	switch h.kind {
	case packNil:
		return append(dst, "null"...), nil
	case packBool:
		return strconv.AppendBool(dst, h.n != 0), nil
	case packInt:
		return strconv.AppendInt(dst, int64(h.n), 10), nil
	case packUint:
		return strconv.AppendUint(dst, h.n, 10), nil
	case packFloat32:
		return appendFloat(dst, h.float(), 32)
	case packFloat64:
		return appendFloat(dst, h.float(), 64)
	case packText:
		text, err := r.text(h)
		return appendText(dst, text), err
	case packBytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, r.bytes(h))
		return append(dst, '"'), nil
	case packList, packMap:
		return r.appendMembers(dst, h, depth)
	}
	inner := r.bytes(h)
	if h.ext != packTimestamp {
		return dst, fmt.Errorf("%w: an extension of type %d has no JSON form", ErrType, h.ext)
	}
	t, err := parsePackTime(inner)
	if err != nil {
		return dst, err
	}
	return appendTime(dst, t)
}

func (r *packReader) appendMembers(dst []byte, h packHead, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	open, shut := byte('['), byte(']')
	if h.kind == packMap {
		open, shut = '{', '}'
	}
	dst = append(dst, open)
	for i := range h.n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if h.kind == packMap {
			key, err := r.key()
			if err != nil {
				return dst, err
			}
			dst = append(appendText(dst, key), ':')
		}
		member, err := r.head()
		if err == nil {
			dst, err = r.appendJSON(dst, member, depth+1)
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, shut), nil
}
