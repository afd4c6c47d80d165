package room

import "encoding/base64"

// What the storage of a room holds. Names that others have chosen stand in keys as
// base64url, so that none can be, or begin, another key: it has no slash.
const (
	keyFormat  = "meta/format"  // the version of all of it
	keyHistory = "meta/history" // the epoch
	keyTickets = "meta/tickets" // how many are known to be spent

	prefixRest    = "c/" // + id of a connection: of how many chunks its record is
	prefixChunk   = "d/" // + id of a connection / number: one of them
	prefixPending = "p/" // + secret: a connection that was negotiated
	prefixTicket  = "t/" // + id of a ticket that is spent: when it is over
	prefixOver    = "u/" // + when a ticket is over / its id: there is one
	prefixRoom    = "r/" // + name of a room: what its history has
	prefixHistory = "h/" // + name of a room / offset: one record of it
)

// keyOf is the key of a name.
func keyOf(prefix, name string) string {
	return prefix + base64.RawURLEncoding.EncodeToString([]byte(name))
}

// nameIn is the name in what follows the prefix of a key that keyOf made.
func nameIn(text string) (name string, ok bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	return string(decoded), err == nil
}

// keyIn is the key of one of the numbered things of a name. Those of one name are in
// the order of their numbers.
func keyIn(prefix, name string, number uint64) string {
	return keyOf(prefix, name) + "/" + ordered(number)
}

// orderedLength is how long the text of ordered is.
const orderedLength = 16

// ordered is a number whose text has the order of numbers.
func ordered(number uint64) string {
	const digits = "0123456789abcdef"
	var text [orderedLength]byte
	for i := range text {
		text[i] = digits[number>>(60-4*i)&0xf]
	}
	return string(text[:])
}

// endOf is the first key behind all that begin with a prefix, which ends with a slash.
func endOf(prefix string) string { return prefix[:len(prefix)-1] + "0" }

// behind is less than every key that comes after this one: keys have nothing below a
// space.
func behind(key string) string { return key + " " }
