package contract

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// ErrName is what a name that breaks the rules of [ValidName] gives.
var ErrName = errors.New("invalid name")

// Kind tells what a descriptor describes.
type Kind uint8

// The kinds of descriptor.
const (
	KindMethod Kind = iota + 1
	KindEvent
	KindStream
	KindQuery
)

// String returns the kind's word: method, event, stream or query, and none for
// what is not a kind.
func (k Kind) String() string {
	words := [...]string{"none", "method", "event", "stream", "query"}
	if int(k) >= len(words) {
		k = 0
	}
	return words[k]
}

// Descriptor is what a method, event, stream or query says of itself, for the
// code that serves, calls or documents it.
type Descriptor struct {
	hub       *Hub
	kind      Kind
	name      string
	request   reflect.Type
	response  reflect.Type
	progress  reflect.Type
	overload  bool
	verbatim  bool
	arguments []Argument
	uploads   []Argument
	required  int
}

// Argument is one positional argument, or one upload stream.
type Argument struct {
	Name     string       // the field's name, as declared
	Type     reflect.Type // of the value, or of an upload's items
	Index    int          // the field's place in the struct
	Optional bool         // a trailing argument that may be absent
}

// Hub is the hub that the descriptor belongs to.
func (d *Descriptor) Hub() *Hub { return d.hub }

// Kind tells a method from an event, a stream and a query.
func (d *Descriptor) Kind() Kind { return d.kind }

// Name is the target on the wire, matched without regard to case.
func (d *Descriptor) Name() string { return d.name }

// Request is the struct whose fields are the arguments.
func (d *Descriptor) Request() reflect.Type { return d.request }

// Response is the result's type, a stream's item type, or nil for an event.
func (d *Descriptor) Response() reflect.Type { return d.response }

// Progress is the type of the values that the method reports while it runs, or nil.
func (d *Descriptor) Progress() reflect.Type { return d.progress }

// Verbatim tells whether the name stands as it is in the script generated for
// jQuery SignalR 2.
func (d *Descriptor) Verbatim() bool { return d.verbatim }

// Arguments are the positional arguments, in order.
func (d *Descriptor) Arguments() []Argument { return slices.Clone(d.arguments) }

// Uploads are the upload streams, in order.
func (d *Descriptor) Uploads() []Argument { return slices.Clone(d.uploads) }

// Required is how many arguments must be present; at most len(Arguments()).
func (d *Descriptor) Required() int { return d.required }

func newDescriptor(h *Hub, k Kind, name string, request, response reflect.Type) *Descriptor {
	if h == nil {
		panic(fmt.Sprintf("contract: %s %q has no hub", k, name))
	}
	if err := validMember(h, k, name); err != nil {
		panic(fmt.Sprintf("contract: %s of hub %s: %v", k, h.name, err))
	}
	d := &Descriptor{hub: h, kind: k, name: name, request: request, response: response}
	if err := d.readFields(); err != nil {
		panic(fmt.Sprintf("contract: %s %s.%s: %v", k, h.name, name, err))
	}
	return d
}

// readFields makes the argument list of the request struct.
func (d *Descriptor) readFields() error {
	if d.request.Kind() != reflect.Struct {
		return fmt.Errorf("its arguments are the fields of a struct, %s is not one", d.request)
	}
	for i := range d.request.NumField() {
		f := d.request.Field(i)
		optional := f.Tag == `arg:"optional"`
		switch {
		case f.Anonymous:
			return fmt.Errorf("%s embeds %s: name the field", d.request, f.Name)
		case !f.IsExported():
			return fmt.Errorf("field %s of %s is not exported, so it could not travel", f.Name, d.request)
		case f.Tag != "" && !optional:
			return fmt.Errorf("field %s of %s has the tag `%s`; the one tag is `arg:\"optional\"`", f.Name, d.request, f.Tag)
		}
		a := Argument{Name: f.Name, Type: f.Type, Index: i, Optional: optional}
		if item := uploadItem(f.Type); item != nil {
			if d.kind != KindMethod && d.kind != KindStream {
				return fmt.Errorf("field %s is an upload: only calls from client to hub have those", f.Name)
			}
			if optional {
				return fmt.Errorf("field %s is an upload and cannot be optional", f.Name)
			}
			a.Type = item
			d.uploads = append(d.uploads, a)
			continue
		}
		if !a.Optional {
			if n := len(d.arguments); n > 0 && d.arguments[n-1].Optional {
				return fmt.Errorf("field %s must be optional, as %s before it is", f.Name, d.arguments[n-1].Name)
			}
			d.required++
		}
		if a.Optional && d.kind == KindEvent {
			return fmt.Errorf("field %s is optional: an event never gains an argument, give it a new name", f.Name)
		}
		d.arguments = append(d.arguments, a)
	}
	return nil
}

// uploadItem is T if t is Upload[T], else nil.
func uploadItem(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Struct {
		return nil // also a pointer to an Upload, which no plan will take
	}
	u, ok := reflect.TypeAssert[interface{ uploadItem() reflect.Type }](reflect.Zero(t))
	if !ok {
		return nil
	}
	return u.uploadItem()
}
