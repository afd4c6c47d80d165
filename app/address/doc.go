// Package address is what the address of a part says: its properties, and the language
// that the reader asks for.
//
//	properties := address.Read(r.URL.RawQuery)
//	lang := address.Match([]string{"en", "de"}, properties[address.Lang], r.Header.Get("Accept-Language"))
//
// Nothing here has state or blocks.
package address
