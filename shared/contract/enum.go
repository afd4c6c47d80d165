package contract

// Enum is a named integer type whose values have names. They travel as numbers
// in JSON and as names in MessagePack, as ASP.NET Core SignalR's enums do:
//
//	type Colour int
//
//	const (
//		Red Colour = iota
//		Green
//	)
//
//	func (Colour) EnumNames() map[int64]string { return map[int64]string{0: "Red", 1: "Green"} }
//
// A value without a name travels as its digits. A reader of MessagePack takes
// names in any case, digits and numbers. A named integer type without the method
// is a number in both.
//
// The method is called once, on the zero value, when the type's plan is made.
// What it must keep to is checked then: there is at least one name, each is as
// [ValidName] says, has something other than digits and a sign, and differs from
// the others in more than case; each number fits the type.
type Enum interface {
	EnumNames() map[int64]string
}
