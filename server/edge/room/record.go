package room

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// record is what is to be known of a connection to open it again, after the room was
// not in memory.
type record struct {
	id        string
	hub       string
	codec     string // its name; empty: before the handshake
	address   string // of the client
	origin    string // of the page; empty: a program's
	principal hub.Principal
	where     access.Where
	groups    []string
	since     int64 // when it was negotiated, in ms since 1970
	until     int64 // when its handshake must be over
}

// recordVersion is the first byte of a record's binary form. Another form, also one with
// a field more, is another version, and this one is still read: while a newer version of
// the program takes over, sockets have records of the older one.
const recordVersion = 1

// maxRecord is how many bytes a record has at most.
const maxRecord = 4 << 20

// What a record cannot be.
var (
	errRecord       = errors.New("what was stored of a connection cannot be read")
	errRecordLength = fmt.Errorf("what is to be stored of a connection has more than %d bytes", maxRecord)
)

// append appends the binary form of r: after the version each field in turn, a text
// after its length, a list after its count. Lengths are uvarints and times varints.
func (r *record) append(dst []byte) []byte {
	p := &r.principal
	dst = append(dst, recordVersion)
	for _, text := range []string{r.id, r.hub, r.codec, r.address, r.origin} {
		dst = appendText(dst, text)
	}
	dst = binary.AppendVarint(dst, r.since)
	dst = binary.AppendVarint(dst, r.until)
	for _, text := range []string{string(r.where.Scope), r.where.Page, r.where.Session, r.where.Place} {
		dst = appendText(dst, text)
	}
	dst = appendTexts(dst, r.groups)
	for _, text := range []string{p.Tenant, p.ID, p.Name, p.Icon, p.Session, string(p.Scope)} {
		dst = appendText(dst, text)
	}
	dst = append(dst, byte(p.Scopes))
	dst = binary.AppendVarint(dst, p.Issued)
	dst = binary.AppendVarint(dst, p.Expires)
	dst = appendTexts(dst, p.Roles)
	dst = appendTexts(dst, p.Places)
	dst = binary.AppendUvarint(dst, uint64(len(p.Claims)))
	for _, name := range slices.Sorted(maps.Keys(p.Claims)) {
		dst = appendText(dst, name)
		dst = appendText(dst, p.Claims[name])
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(texts)))
	for _, text := range texts {
		dst = appendText(dst, text)
	}
	return dst
}

// readRecord reads what append wrote. Empty lists are nil. The error is ErrNewer or
// errRecord.
func readRecord(data []byte) (record, error) {
	in := recordReader{data: data}
	switch version := in.byte(); {
	case in.broken || version == 0:
		return record{}, errRecord
	case version > recordVersion:
		return record{}, ErrNewer
	}
	var r record
	p := &r.principal
	for _, text := range []*string{&r.id, &r.hub, &r.codec, &r.address, &r.origin} {
		*text = in.text()
	}
	r.since, r.until = in.time(), in.time()
	r.where = access.Where{Scope: contract.Scope(in.text()), Page: in.text(), Session: in.text(), Place: in.text()}
	r.groups = in.texts()
	for _, text := range []*string{&p.Tenant, &p.ID, &p.Name, &p.Icon, &p.Session} {
		*text = in.text()
	}
	p.Scope, p.Scopes = contract.Scope(in.text()), contract.Scopes(in.byte())
	p.Issued, p.Expires = in.time(), in.time()
	p.Roles, p.Places = in.texts(), in.texts()
	for range in.count() {
		if in.broken {
			break
		}
		if p.Claims == nil {
			p.Claims = map[string]string{}
		}
		name := in.text()
		p.Claims[name] = in.text()
	}
	if in.broken || len(in.data) > 0 {
		return record{}, errRecord
	}
	return r, nil
}

// recordReader reads a record from its beginning to its end. What is not there is
// zero, and then it is broken.
type recordReader struct {
	data   []byte
	broken bool
}

func (in *recordReader) fail() {
	in.data, in.broken = nil, true
}

func (in *recordReader) byte() byte {
	if len(in.data) == 0 {
		in.fail()
		return 0
	}
	b := in.data[0]
	in.data = in.data[1:]
	return b
}

func (in *recordReader) time() int64 {
	n, size := binary.Varint(in.data)
	if size <= 0 {
		in.fail()
		return 0
	}
	in.data = in.data[size:]
	return n
}

// count is a length: of no more than bytes are there, as nothing is shorter than one.
func (in *recordReader) count() int {
	n, size := binary.Uvarint(in.data)
	if size <= 0 || n > uint64(len(in.data)-size) {
		in.fail()
		return 0
	}
	in.data = in.data[size:]
	return int(n)
}

func (in *recordReader) text() string {
	n := in.count()
	text := string(in.data[:n])
	in.data = in.data[n:]
	return text
}

func (in *recordReader) texts() (list []string) {
	for range in.count() {
		if in.broken {
			break
		}
		list = append(list, in.text())
	}
	return list
}
