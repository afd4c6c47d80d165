package contract

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Declared is a [Method] or [Event] whose arguments are known only when the
// program runs, because something that is read at start-up says what they are: a
// configuration file. Where the program knows them, NewMethod and NewEvent let the
// compiler check them.
type Declared struct{ d *Descriptor }

// Descriptor returns what the method or event says of itself.
func (d Declared) Descriptor() *Descriptor { return d.d }

// DeclareHub is [NewHub] for names that come from outside: a name that no hub can
// have is an error, an [ErrName].
func DeclareHub(name string, options ...HubOption) (*Hub, error) {
	h := &Hub{name: name, classicName: name}
	for _, o := range options {
		o(h)
	}
	for _, n := range []string{h.name, h.classicName} {
		if err := validHubName(n); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// DeclareMethod returns the method called name, whose arguments have the names,
// types and options of those given and whose result has type response, that of
// None for no result. The request is a struct with a field for each of them. It
// gives an error where [NewMethod] panics; also for an argument whose name is not
// one of [ValidName], or that of another in other case.
func DeclareMethod(h *Hub, name string, response reflect.Type, arguments []Argument, options ...MethodOption) (Declared, error) {
	d, err := declare(h, KindMethod, name, arguments)
	if err != nil {
		return Declared{}, err
	}
	d.response = response
	for _, o := range options {
		o(d)
	}
	return Declared{d}, nil
}

// DeclareEvent returns the event called name, whose arguments are those given; as
// [DeclareMethod] does for methods.
func DeclareEvent(h *Hub, name string, arguments []Argument) (Declared, error) {
	d, err := declare(h, KindEvent, name, arguments)
	return Declared{d}, err
}

func declare(h *Hub, k Kind, name string, arguments []Argument) (*Descriptor, error) {
	if err := validMember(h, k, name); err != nil {
		return nil, fmt.Errorf("%s of hub %s: %w", k, h.name, err)
	}
	request, err := requestOf(arguments)
	if err != nil {
		return nil, fmt.Errorf("%s %s.%s: %w", k, h.name, name, err)
	}
	d := &Descriptor{hub: h, kind: k, name: name, request: request}
	if err := d.readFields(); err != nil {
		return nil, fmt.Errorf("%s %s.%s: %w", k, h.name, name, err)
	}
	for i := range d.arguments {
		d.arguments[i].Name = arguments[i].Name
	}
	return d, nil
}

// requestOf makes the struct whose fields are the arguments. The fields are
// called by their places, A1 and so on: an argument may have any name, and since
// Go keeps such a type for good, methods that take the same share one.
func requestOf(arguments []Argument) (reflect.Type, error) {
	fields := make([]reflect.StructField, len(arguments))
	for i, a := range arguments {
		if err := ValidName(a.Name); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		for _, other := range arguments[:i] {
			if strings.EqualFold(other.Name, a.Name) {
				return nil, fmt.Errorf("argument %s has the name of another", a.Name)
			}
		}
		if a.Type == nil || uploadItem(a.Type) != nil {
			return nil, fmt.Errorf("argument %s has no type that a value can have", a.Name)
		}
		fields[i] = reflect.StructField{Name: "A" + strconv.Itoa(i+1), Type: a.Type}
		if a.Optional {
			fields[i].Tag = `arg:"optional"`
		}
	}
	return reflect.StructOf(fields), nil
}
