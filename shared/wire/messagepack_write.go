package wire

import (
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// writePack appends v. Depth is that of the array or map around it, so that a
// value which points to itself ends as ErrDepth.
func writePack(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	switch p.shape {
	case shapeBool:
		return appendPackBool(dst, v.Bool()), nil
	case shapeInt, shapeUint:
		return writePackInteger(dst, p, v), nil
	case shapeFloat:
		if err := checkFloat(v.Float()); err != nil {
			return dst, err
		}
		return appendPackFloat(dst, v.Float(), p.typ.Bits()), nil
	case shapeText:
		s := v.String()
		if !utf8.ValidString(s) {
			return dst, ErrUTF8
		}
		return appendPackText(dst, s), nil
	case shapeTime:
		t, _ := reflect.TypeAssert[time.Time](v)
		return appendPackTime(dst, t)
	case shapeStruct:
		return writePackStruct(dst, p, v, depth)
	case shapeNone:
		return append(dst, 0xc0), nil
	}
	if v.IsNil() {
		return append(dst, 0xc0), nil
	}
	switch p.shape {
	case shapePtr:
		return writePack(dst, p.elem, v.Elem(), depth)
	case shapeBytes:
		return appendPackBytes(dst, v.Bytes()), nil
	case shapeRaw:
		return appendPackOfJSON(dst, v.Bytes(), depth)
	case shapeList:
		return writePackList(dst, p, v, depth)
	default:
		return writePackMap(dst, p, v, depth)
	}
}

func writePackInteger(dst []byte, p *Plan, v reflect.Value) []byte {
	switch {
	case p.enum != nil:
		return appendPackText(dst, p.enum.name(v))
	case p.shape == shapeInt:
		return appendPackInt(dst, v.Int())
	}
	return appendPackUint(dst, v.Uint())
}

func writePackStruct(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = appendPackCount(dst, packMap, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		dst = append(dst, f.pack...)
		var err error
		if dst, err = writePack(dst, f.plan, v.Field(i), depth+1); err != nil {
			return dst, inside(f.name, err)
		}
	}
	return dst, nil
}

func writePackList(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = appendPackCount(dst, packList, v.Len())
	for i := range v.Len() {
		var err error
		if dst, err = writePack(dst, p.elem, v.Index(i), depth+1); err != nil {
			return dst, inside(strconv.Itoa(i), err)
		}
	}
	return dst, nil
}

// writePackMap appends a map, sorted, so that equal values have equal bytes.
func writePackMap(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = appendPackCount(dst, packMap, v.Len())
	for _, k := range sortedKeys(v) {
		if !utf8.ValidString(k.String()) {
			return dst, ErrUTF8
		}
		dst = appendPackText(dst, k.String())
		var err error
		if dst, err = writePack(dst, p.elem, v.MapIndex(k), depth+1); err != nil {
			return dst, inside("a member", err)
		}
	}
	return dst, nil
}
