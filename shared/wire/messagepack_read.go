package wire

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// packReader reads MessagePack into values. Names are compared as declared and
// then without regard to case.
type packReader struct{ packScanner }

// arguments reads the array that is all of the data into the fields of v.
func (r *packReader) arguments(p *Arguments, v reflect.Value) error {
	h, err := r.head()
	switch {
	case err != nil:
		return err
	case h.kind != packList:
		return malformed("its arguments are not an array")
	}
	if err := p.checkCount(int(h.n)); err != nil {
		return err
	}
	for _, a := range p.list[:h.n] {
		if err := r.value(a.plan, v.Field(a.index), 2); err != nil {
			return inside(a.name, err)
		}
	}
	for _, a := range p.list[h.n:] {
		v.Field(a.index).SetZero()
	}
	return r.end()
}

// value reads the next value into v, whatever v was before. Depth is that of the
// array or map around it.
func (r *packReader) value(p *Plan, v reflect.Value, depth int) error {
	if p.shape == shapeNone {
		return r.skip(depth)
	}
	h, err := r.head()
	if err != nil {
		return err
	}
	return r.rest(h, p, v, depth)
}

// rest reads what follows h into v.
func (r *packReader) rest(h packHead, p *Plan, v reflect.Value, depth int) error {
	switch {
	case h.kind == packNil:
		return null(p, v)
	case p.shape == shapePtr:
		elem := reflect.New(p.elem.typ)
		v.Set(elem)
		return r.rest(h, p.elem, elem.Elem(), depth)
	case p.shape == shapeRaw:
		text, err := r.json(h, depth)
		v.SetBytes(text)
		return err
	case p.shape == shapeBool && h.kind == packBool:
		v.SetBool(h.n != 0)
	case p.shape == shapeInt || p.shape == shapeUint:
		return r.integer(h, p, v, depth)
	case p.shape == shapeFloat && h.kind >= packInt && h.kind <= packFloat64:
		return number(h, p, v)
	case p.shape == shapeText && h.kind == packText:
		text, err := r.text(h)
		v.SetString(string(text))
		return err
	case p.shape == shapeBytes && h.kind == packBytes:
		v.SetBytes(bytes.Clone(r.bytes(h)))
	case p.shape == shapeTime && (h.kind == packText || h.kind == packExtension && h.ext == packTimestamp):
		return r.time(h, v)
	case p.shape == shapeList && h.kind == packList:
		return r.list(h, p, v, depth)
	case p.shape == shapeMap && h.kind == packMap:
		return r.dictionary(h, p, v, depth)
	case p.shape == shapeStruct && h.kind == packMap:
		return r.object(h, p, v, depth)
	default:
		return r.misfit(h, p, depth)
	}
	return nil
}

// misfit skips a value of the wrong kind, so that what is not even MessagePack is
// told from what does not fit.
func (r *packReader) misfit(h packHead, p *Plan, depth int) error {
	if err := r.skipRest(h, depth); err != nil {
		return err
	}
	return mismatch(packWords[h.kind], p)
}

func (r *packReader) integer(h packHead, p *Plan, v reflect.Value, depth int) error {
	if p.enum != nil && h.kind == packText {
		text, err := r.text(h)
		if err != nil {
			return err
		}
		if h, err = p.enum.head(text); err != nil {
			return err
		}
		return r.integer(h, p, v, depth)
	}
	switch i, u := int64(h.n), h.n; {
	case p.shape == shapeInt && (h.kind == packInt || h.kind == packUint && i >= 0) && !v.OverflowInt(i):
		v.SetInt(i)
	case p.shape == shapeUint && h.kind == packUint && !v.OverflowUint(u):
		v.SetUint(u)
	case h.kind >= packInt && h.kind <= packFloat64:
		return mismatch("a number that is no integer or out of range", p)
	default:
		return r.misfit(h, p, depth)
	}
	return nil
}

// head is the number that a name or digits stand for.
func (e *enum) head(text []byte) (packHead, error) {
	if n, ok := e.value(text); ok {
		return headOf(n), nil
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return headOf(n), nil
	}
	u, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return packHead{}, fmt.Errorf("%w: a string that names no value of the enum", ErrType)
	}
	return packHead{kind: packUint, n: u}, nil
}

func headOf(n int64) packHead {
	if n < 0 {
		return packHead{kind: packInt, n: uint64(n)}
	}
	return packHead{kind: packUint, n: uint64(n)}
}

// number reads any number into a float.
func number(h packHead, p *Plan, v reflect.Value) error {
	f := h.float()
	if p.typ.Bits() == 32 {
		f = float64(float32(f)) // rounded, as JSON does
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return mismatch("a number out of range", p)
	}
	v.SetFloat(f)
	return nil
}

// float is the number that h is.
func (h packHead) float() float64 {
	switch h.kind {
	case packInt:
		return float64(int64(h.n))
	case packUint:
		return float64(h.n)
	case packFloat32:
		return float64(math.Float32frombits(uint32(h.n)))
	}
	return math.Float64frombits(h.n)
}

// time reads a timestamp or, as in JSON, a text.
func (r *packReader) time(h packHead, v reflect.Value) (err error) {
	var t time.Time
	if h.kind == packExtension {
		t, err = parsePackTime(r.bytes(h))
	} else {
		var text []byte
		if text, err = r.text(h); err == nil {
			t, err = parseTime(string(text))
		}
	}
	*v.Addr().Interface().(*time.Time) = t
	return err
}

func (r *packReader) list(h packHead, p *Plan, v reflect.Value, depth int) error {
	if depth >= MaxDepth {
		return ErrDepth
	}
	v.Set(reflect.MakeSlice(p.typ, 0, 0))
	for i := range int(h.n) {
		if i == v.Cap() {
			// Not at once for all that h announces: a list in each other's first
			// member could announce them all again.
			v.Grow(min(max(i, 4), int(h.n)-i))
		}
		v.SetLen(i + 1)
		if err := r.value(p.elem, v.Index(i), depth+1); err != nil {
			return inside(strconv.Itoa(i), err)
		}
	}
	return nil
}

func (r *packReader) dictionary(h packHead, p *Plan, v reflect.Value, depth int) error {
	if depth >= MaxDepth {
		return ErrDepth
	}
	m := reflect.MakeMap(p.typ)
	v.Set(m)
	elem := reflect.New(p.elem.typ).Elem()
	for range h.n {
		key, err := r.key()
		if err != nil {
			return err
		}
		elem.SetZero()
		if err := r.value(p.elem, elem, depth+1); err != nil {
			return inside("a member", err)
		}
		m.SetMapIndex(reflect.ValueOf(string(key)).Convert(p.typ.Key()), elem)
	}
	return nil
}

func (r *packReader) object(h packHead, p *Plan, v reflect.Value, depth int) error {
	if depth >= MaxDepth {
		return ErrDepth
	}
	v.SetZero()
	likely := 0
	for range h.n {
		key, err := r.key()
		if err != nil {
			return err
		}
		i := find(p.fields, key, asDeclared, likely)
		if i < 0 {
			if err := r.skip(depth + 1); err != nil {
				return err
			}
			continue
		}
		likely = i + 1
		if err := r.value(p.fields[i].plan, v.Field(i), depth+1); err != nil {
			return inside(p.fields[i].name, err)
		}
	}
	return nil
}

// key reads the name of a member.
func (r *packReader) key() ([]byte, error) {
	h, err := r.head()
	switch {
	case err != nil:
		return nil, err
	case h.kind != packText:
		return nil, fmt.Errorf("%w: a key that is not a string", ErrType)
	}
	return r.text(h)
}
