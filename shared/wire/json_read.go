package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// jsonReader reads JSON into values. Names are compared in the naming's form and
// then without regard to case.
type jsonReader struct {
	scanner
	names naming
}

// arguments reads the array that is all of the text into the fields of v.
func (r *jsonReader) arguments(p *Arguments, v reflect.Value) error {
	count := 0
	var unfit error // of the first argument that did not fit; the count comes before it
	more, err := r.enter('[', ']', 1)
	for ; more && err == nil; more, err = r.following(']') {
		start := r.pos
		if count < len(p.list) && unfit == nil {
			a := p.list[count]
			if err := r.value(a.plan, v.Field(a.index), 2); err != nil {
				unfit = inside(a.name, err)
			}
		}
		if count >= len(p.list) || unfit != nil {
			r.pos = start
			if _, err := r.scanner.value(2); err != nil {
				return err
			}
		}
		count++
	}
	if err == nil {
		err = r.end()
	}
	if err == nil {
		err = p.checkCount(count)
	}
	if err == nil {
		err = unfit
	}
	if err != nil {
		return err
	}
	for _, a := range p.list[count:] {
		v.Field(a.index).SetZero()
	}
	return nil
}

// whole reads the value that is all of the text.
func (r *jsonReader) whole(p *Plan, v reflect.Value) error {
	if err := r.value(p, v, 1); err != nil {
		return err
	}
	return r.end()
}

// value reads the next value into v, whatever v was before. Depth is that of the
// array or object around it.
func (r *jsonReader) value(p *Plan, v reflect.Value, depth int) error {
	switch c := r.next(); {
	case p.shape == shapeNone:
		_, err := r.scanner.value(depth)
		return err
	case c == 'n':
		if err := r.literal("null"); err != nil {
			return err
		}
		return null(p, v)
	case p.shape == shapeRaw:
		r.scanner.wide = false
		raw, err := r.scanner.value(depth)
		if err == nil && r.scanner.wide {
			return errWide // MessagePack could not pass it on
		}
		v.SetBytes(bytes.Clone(raw))
		return err
	case p.shape == shapePtr:
		elem := reflect.New(p.elem.typ)
		v.Set(elem)
		return r.value(p.elem, elem.Elem(), depth)
	case c == '{':
		switch p.shape {
		case shapeStruct:
			return r.object(p, v, depth)
		case shapeMap:
			return r.dictionary(p, v, depth)
		}
		return r.misfit("an object", p, depth)
	case c == '[':
		if p.shape != shapeList {
			return r.misfit("an array", p, depth)
		}
		return r.list(p, v, depth)
	case c == '"':
		return r.fromText(p, v, depth)
	case c == 't' || c == 'f':
		if p.shape != shapeBool {
			return r.misfit("a boolean", p, depth)
		}
		v.SetBool(c == 't')
		if c == 't' {
			return r.literal("true")
		}
		return r.literal("false")
	}
	return r.fromNumber(p, v)
}

// misfit skips a value of the wrong kind, so that what is not even JSON is told
// from what does not fit.
func (r *jsonReader) misfit(found string, p *Plan, depth int) error {
	if _, err := r.scanner.value(depth); err != nil {
		return err
	}
	return mismatch(found, p)
}

// null reads null into v.
func null(p *Plan, v reflect.Value) error {
	switch p.shape {
	case shapeBool, shapeInt, shapeUint, shapeFloat, shapeTime:
		return mismatch("null", p)
	}
	v.SetZero()
	return nil
}

func mismatch(found string, p *Plan) error {
	return fmt.Errorf("%w: %s where %s is expected", ErrType, found, p.typ)
}

func (r *jsonReader) fromText(p *Plan, v reflect.Value, depth int) error {
	if p.shape != shapeText && p.shape != shapeBytes && p.shape != shapeTime {
		return r.misfit("a string", p, depth)
	}
	text, escaped, err := r.text()
	if err != nil {
		return err
	}
	if escaped {
		text = unescape(text)
	}
	switch p.shape {
	case shapeText:
		v.SetString(string(text))
	case shapeBytes:
		b, err := base64.StdEncoding.AppendDecode(make([]byte, 0, base64.StdEncoding.DecodedLen(len(text))), text)
		if err != nil {
			return mismatch("a string that is not base64", p)
		}
		v.SetBytes(b)
	default:
		t, err := parseTime(string(text))
		if err != nil {
			return err
		}
		*v.Addr().Interface().(*time.Time) = t
	}
	return nil
}

func (r *jsonReader) fromNumber(p *Plan, v reflect.Value) error {
	n, err := r.number()
	if err != nil {
		return err
	}
	switch p.shape {
	case shapeInt:
		i, err := strconv.ParseInt(string(n), 10, p.typ.Bits())
		if err != nil {
			return mismatch("a number that is no integer or out of range", p)
		}
		v.SetInt(i)
	case shapeUint:
		u, err := strconv.ParseUint(string(n), 10, p.typ.Bits())
		if err != nil {
			return mismatch("a number that is no integer or out of range", p)
		}
		v.SetUint(u)
	case shapeFloat:
		f, err := strconv.ParseFloat(string(n), p.typ.Bits())
		if err != nil {
			return mismatch("a number out of range", p)
		}
		v.SetFloat(f)
	default:
		return mismatch("a number", p)
	}
	return nil
}

func (r *jsonReader) list(p *Plan, v reflect.Value, depth int) error {
	v.Set(reflect.MakeSlice(p.typ, 0, 0))
	more, err := r.enter('[', ']', depth)
	for i := 0; more && err == nil; more, err = r.following(']') {
		if i == v.Cap() {
			// Doubled, since what append does with long slices leaves more garbage.
			v.Grow(max(i, 4))
		}
		v.SetLen(i + 1)
		if err := r.value(p.elem, v.Index(i), depth+1); err != nil {
			return inside(strconv.Itoa(i), err)
		}
		i++
	}
	return err
}

func (r *jsonReader) dictionary(p *Plan, v reflect.Value, depth int) error {
	m := reflect.MakeMap(p.typ)
	v.Set(m)
	elem := reflect.New(p.elem.typ).Elem()
	more, err := r.enter('{', '}', depth)
	for ; more && err == nil; more, err = r.following('}') {
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
	return err
}

func (r *jsonReader) object(p *Plan, v reflect.Value, depth int) error {
	v.SetZero()
	likely := 0 // peers mostly write the members in order
	more, err := r.enter('{', '}', depth)
	for ; more && err == nil; more, err = r.following('}') {
		key, err := r.key()
		if err != nil {
			return err
		}
		i := find(p.fields, key, r.names, likely)
		if i < 0 {
			if _, err := r.scanner.value(depth + 1); err != nil {
				return err
			}
			continue
		}
		likely = i + 1
		if err := r.value(p.fields[i].plan, v.Field(i), depth+1); err != nil {
			return inside(p.fields[i].name, err)
		}
	}
	return err
}
