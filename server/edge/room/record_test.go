package room_test

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

var update = flag.Bool("update", false, "write golden files anew")

// fullRecord has something in every field.
func fullRecord() room.Record {
	return room.Record{
		ID: "Zm9vYmFyZm9vYmFyZm9vYg", Hub: "chat", Codec: "messagepack", Address: "2001:db8::7", Origin: "https://host.example",
		Principal: hub.Principal{
			Tenant: "contoso", ID: "ann", Name: "Ann / Ä", Icon: "https://host.example/ann.png", Roles: []string{"staff", "admin"},
			Claims: map[string]string{"email": "ann@contoso.example", "dept": "r/d", "empty": ""}, Places: []string{"lobby/1"},
			Scope: contract.ScopePlace, Scopes: contract.ScopesOf(contract.ScopePage, contract.ScopePlace), Session: "s-1",
			Issued: 1_767_225_600_000, Expires: 1_767_229_200_000,
		},
		Where:  access.Where{Scope: contract.ScopePage, Page: "cGFnZXBhZ2VwYWdlcGFnZQ", Session: "c2Vzc2lvbnNlc3Npb25zZQ", Place: "lobby/1"},
		Groups: []string{"", "a/b", "\x00\xff", "c"},
		Since:  1_767_225_600_123, Until: 1_767_225_615_123,
	}
}

// records are some that can be, by name.
func records() map[string]room.Record {
	return map[string]room.Record{
		"empty":  {},
		"full":   fullRecord(),
		"waits":  {ID: "x", Hub: "connected", Address: "192.0.2.1", Since: 1, Until: 15_001},
		"edges":  {ID: strings.Repeat("i", 300), Since: math.MinInt64, Until: math.MaxInt64, Groups: []string{strings.Repeat("g", 255)}, Principal: hub.Principal{Issued: -1, Scopes: 255}},
		"guests": {ID: "g", Codec: "json", Principal: hub.Principal{Name: "Bob"}, Where: access.Where{Scope: contract.ScopeTenant}},
	}
}

func TestRecord_comesBack(t *testing.T) {
	for name, r := range records() {
		data := r.Append([]byte("before"))
		got, err := room.ReadRecord(data[len("before"):])
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s came back as %+v, %v", name, got, err)
		}
	}
}

// A field that is added to a principal, or to what a connection asks for, would be lost
// at the next eviction if a record had no place for it.
func TestRecord_hasEveryField(t *testing.T) {
	full := fullRecord()
	for _, v := range []reflect.Value{reflect.ValueOf(full), reflect.ValueOf(full.Principal), reflect.ValueOf(full.Where)} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s of %s is not in the record that this test looks at: put it there, and into the binary form", v.Type().Field(i).Name, v.Type())
			}
		}
	}
	if fields := room.RecordFields(); fields != reflect.TypeFor[room.Record]().NumField() {
		t.Errorf("a record has %d fields, and these tests know %d", fields, reflect.TypeFor[room.Record]().NumField())
	}
}

// Two versions of the program read each other's records while one is brought out: these
// bytes are read for as long as their version is.
func TestRecord_version1IsReadAsItWasWritten(t *testing.T) {
	for name, r := range records() {
		file := filepath.Join("testdata", "record-1-"+name)
		if *update {
			if err := os.WriteFile(file, r.Append(nil), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := room.ReadRecord(golden); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s is read as %+v, %v", file, got, err)
		}
		if data := r.Append(nil); !bytes.Equal(data, golden) {
			t.Errorf("%s is written as %q now, and was %q: that is another version", file, data, golden)
		}
	}
}

func TestRecord_refuses(t *testing.T) {
	full := fullRecord()
	data := full.Append(nil)
	for n := range data {
		if _, err := room.ReadRecord(data[:n]); !errors.Is(err, room.ErrRecord) {
			t.Errorf("the first %d of %d bytes are read: %v", n, len(data), err)
		}
	}
	if _, err := room.ReadRecord(append(bytes.Clone(data), 0)); !errors.Is(err, room.ErrRecord) {
		t.Errorf("with a byte more: %v", err)
	}
	for _, version := range []byte{2, 3, 0x7f, 0xff} {
		newer := append([]byte{version}, data[1:]...)
		if _, err := room.ReadRecord(newer); !errors.Is(err, room.ErrNewer) {
			t.Errorf("version %d: %v", version, err)
		}
		if _, err := room.ReadRecord(newer[:1]); !errors.Is(err, room.ErrNewer) {
			t.Errorf("version %d, of which nothing is known: %v", version, err)
		}
	}
	for name, bad := range map[string]string{
		"version 0":                  "\x00",
		"a text longer than all":     "\x01\x05abc",
		"a length of 64 bits":        "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"a length without end":       "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"a list of too many":         "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\x0f",
		"a list that says too many":  "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x01a",
		"a time without end":         "\x01\x00\x00\x00\x00\x00\xff",
		"a time of more than 64 bit": "\x01\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
	} {
		if _, err := room.ReadRecord([]byte(bad)); !errors.Is(err, room.ErrRecord) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	for _, r := range records() {
		f.Add(r.Append(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := room.ReadRecord(data)
		if err != nil {
			if !reflect.ValueOf(r).IsZero() {
				t.Errorf("with %v something is read: %+v", err, r)
			}
			return
		}
		again, err := room.ReadRecord(r.Append(nil))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v came back as %+v, %v", r, again, err)
		}
	})
}
