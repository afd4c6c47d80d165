package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// jsonWriter appends values as JSON, with the names of its naming.
type jsonWriter struct{ names naming }

// arguments appends the fields of v as an array.
func (w jsonWriter) arguments(dst []byte, p *Arguments, v reflect.Value) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '[')
	for i, a := range p.present(v) {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = w.value(dst, a.plan, v.Field(a.index), 2); err != nil {
			return dst[:start], inside(a.name, err)
		}
	}
	return append(dst, ']'), nil
}

// value appends v. Depth is that of the array or object around it, so that a
// value which points to itself ends as ErrDepth.
func (w jsonWriter) value(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	switch p.shape {
	case shapeBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case shapeInt:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case shapeUint:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case shapeFloat:
		return appendFloat(dst, v.Float(), p.typ.Bits())
	case shapeText:
		s := v.String()
		if !utf8.ValidString(s) {
			return dst, ErrUTF8
		}
		return appendText(dst, s), nil
	case shapeTime:
		t, _ := reflect.TypeAssert[time.Time](v)
		return appendTime(dst, t)
	case shapeStruct:
		return w.object(dst, p, v, depth)
	case shapeNone:
		return append(dst, "null"...), nil
	}
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	switch p.shape {
	case shapePtr:
		return w.value(dst, p.elem, v.Elem(), depth)
	case shapeBytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"'), nil
	case shapeRaw:
		s := scanner{data: v.Bytes()}
		raw, err := s.value(depth)
		if err == nil {
			err = s.end()
		}
		if err == nil && s.wide {
			err = errWide // as in MessagePack
		}
		if err != nil {
			return dst, err
		}
		return append(dst, raw...), nil
	case shapeList:
		return w.list(dst, p, v, depth)
	default:
		return w.dictionary(dst, p, v, depth)
	}
}

func (w jsonWriter) object(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = append(dst, '{')
	for i := range p.fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		f := &p.fields[i]
		dst = append(dst, f.json[w.names]...)
		var err error
		if dst, err = w.value(dst, f.plan, v.Field(i), depth+1); err != nil {
			return dst, inside(f.name, err)
		}
	}
	return append(dst, '}'), nil
}

func (w jsonWriter) list(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = w.value(dst, p.elem, v.Index(i), depth+1); err != nil {
			return dst, inside(strconv.Itoa(i), err)
		}
	}
	return append(dst, ']'), nil
}

// dictionary appends a map, sorted, so that equal values have equal bytes.
func (w jsonWriter) dictionary(dst []byte, p *Plan, v reflect.Value, depth int) ([]byte, error) {
	if depth >= MaxDepth {
		return dst, ErrDepth
	}
	dst = append(dst, '{')
	for i, k := range sortedKeys(v) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !utf8.ValidString(k.String()) {
			return dst, ErrUTF8
		}
		dst = append(appendText(dst, k.String()), ':')
		var err error
		if dst, err = w.value(dst, p.elem, v.MapIndex(k), depth+1); err != nil {
			return dst, inside("a member", err)
		}
	}
	return append(dst, '}'), nil
}

// sortedKeys are the keys of the map v, which has strings for keys.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}

// appendFloat appends the shortest number that reads back as f, in the notation
// that JavaScript would choose.
func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	if err := checkFloat(f); err != nil {
		return dst, err
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits), nil
}

// checkFloat refuses what JSON cannot say, in every codec, so that no value
// depends on which one a peer speaks.
func checkFloat(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%w: %v is not a number that JSON has", ErrType, f)
	}
	return nil
}

// inside says in which field, argument or element err was met.
func inside(name string, err error) error {
	return fmt.Errorf("%s: %w", name, err)
}
