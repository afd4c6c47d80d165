package chat_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"partline.dev/server/chat"
	contract "partline.dev/shared/chat"
	scopes "partline.dev/shared/contract"
)

func TestRecord_isReadAsItWasWritten(t *testing.T) {
	for _, author := range []string{"", "Ann", "Ann (guest)", strings.Repeat("é", 200)} {
		for _, text := range []string{"", "x", "😀\x00\n", strings.Repeat("x", contract.MaxText)} {
			data := chat.AppendRecord([]byte("before"), &contract.Message{Author: author, Text: text})
			gotAuthor, gotText, err := chat.ReadRecord(data[len("before"):])
			if err != nil || gotAuthor != author || gotText != text {
				t.Errorf("%q, %d bytes of text: %q, %d bytes, %v", author, len(text), gotAuthor, len(gotText), err)
			}
		}
	}
}

// Whatever stands in the storage: it is refused, or it is a message that can be sent.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("\x01\x03Annhello"))
	f.Fuzz(func(t *testing.T, data []byte) {
		given := bytes.Clone(data)
		author, text, err := chat.ReadRecord(data)
		if !bytes.Equal(given, data) {
			t.Fatal("reading has changed the record")
		}
		if err != nil {
			return
		}
		if !utf8.ValidString(author) || !utf8.ValidString(text) {
			t.Fatalf("%q, %q cannot be sent", author, text)
		}
		again := chat.AppendRecord(nil, &contract.Message{Author: author, Text: text})
		if len(again) > len(data) {
			t.Fatalf("%q is written as %q, which is longer", data, again)
		}
		gotAuthor, gotText, err := chat.ReadRecord(again)
		if err != nil || gotAuthor != author || gotText != text {
			t.Fatalf("%q, %q is read as %q, %q, %v", author, text, gotAuthor, gotText, err)
		}
	})
}

// No two rooms have one key, whatever they are called.
func FuzzKey(f *testing.F) {
	f.Add("contoso", "place", "hall", "contoso5:place", "", "4:hall")
	f.Fuzz(func(t *testing.T, tenant, scope, name, otherTenant, otherScope, otherName string) {
		same := tenant == otherTenant && scope == otherScope && name == otherName
		one, other := chat.KeyOf(tenant, scopes.Scope(scope), name), chat.KeyOf(otherTenant, scopes.Scope(otherScope), otherName)
		if (one == other) != same {
			t.Fatalf("%q is the key of both", one)
		}
	})
}
