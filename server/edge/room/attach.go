package room

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// An attachment begins with its version and where the record is.
const (
	attachVersion = 1

	recordHere   = 0 // it follows
	recordStored = 1 // in storage: its digest and the connection's id follow
)

// digest is of a record in storage, by which it is known to be the one that is meant.
type digest [16]byte

func digestOf(data []byte) (d digest) {
	sum := sha256.Sum256(data)
	copy(d[:], sum[:])
	return d
}

// attached is what is kept of a connection now.
type attached struct {
	state  []byte // of the socket
	chunks int    // of the record in storage; 0: it is in the attachment
}

// save has the socket keep r, if that is not what it keeps already. What does not fit
// into the attachment goes into the storage. On an error, such as ErrStorageFull, r is
// not kept: the connection must end, and its client must not hear of what it asked for.
func (m *memory) save(socket int32, r *record) error {
	before := m.attached[r.id]
	m.scratch = r.append(append(m.scratch[:0], attachVersion, recordHere))
	now, data := attached{state: m.scratch}, m.scratch[2:]
	stored := len(now.state) > MaxAttachment
	if stored {
		sum := digestOf(data)
		now.state = appendText(append([]byte{attachVersion, recordStored}, sum[:]...), r.id)
	}
	if bytes.Equal(now.state, before.state) {
		return nil
	}
	if err := m.sweep(); err != nil {
		return err
	}
	delete(m.attached, r.id)
	if stored {
		var err error
		if now.chunks, err = m.store(r.id, data); err != nil {
			_ = m.drop(r.id, 0, max(now.chunks, before.chunks)) // what is left is swept
			return err
		}
	}
	if err := m.drop(r.id, now.chunks, before.chunks); err != nil {
		return err
	}
	if err := m.object.Attach(socket, now.state); err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	now.state = slices.Clone(now.state)
	m.attached[r.id] = now
	return nil
}

// load is the record that a socket keeps. It is called for all sockets that there are
// before anything else of the memory. The error is ErrNewer, errRecord or one of the
// storage's.
func (m *memory) load(state []byte) (record, error) {
	in := recordReader{data: state}
	if version := in.byte(); version > attachVersion {
		return record{}, ErrNewer
	}
	var data []byte
	chunks := 0
	switch where := in.byte(); {
	case in.broken:
		return record{}, errRecord
	case where == recordHere:
		data = in.data
	case where == recordStored:
		var err error
		if data, chunks, err = m.fetch(&in); err != nil {
			return record{}, err
		}
	default:
		return record{}, errRecord
	}
	r, err := readRecord(data)
	if err == nil {
		m.attached[r.id] = attached{slices.Clone(state), chunks}
	}
	return r, err
}

// fetch is the record that an attachment says is in storage.
func (m *memory) fetch(in *recordReader) (data []byte, chunks int, err error) {
	var want digest
	for i := range want {
		want[i] = in.byte()
	}
	id := in.text()
	if in.broken || len(in.data) > 0 {
		return nil, 0, errRecord
	}
	value, err := m.storage.Get(keyOf(prefixRest, id))
	if err != nil {
		return nil, 0, err
	}
	chunks = chunksIn(value)
	for n := range chunks {
		chunk, err := m.storage.Get(keyIn(prefixChunk, id, uint64(n)))
		if err != nil {
			return nil, 0, err
		}
		data = append(data, chunk...)
	}
	if digestOf(data) != want {
		return nil, 0, errRecord
	}
	return data, chunks, nil
}

// store puts data into the storage. Chunks is how many are there, also on an error.
func (m *memory) store(id string, data []byte) (chunks int, err error) {
	if len(data) > maxRecord {
		return 0, errRecordLength
	}
	for part := range slices.Chunk(data, MaxValue) {
		if err := m.storage.Put(keyIn(prefixChunk, id, uint64(chunks)), part); err != nil {
			return chunks, err
		}
		chunks++
	}
	return chunks, m.storage.Put(keyOf(prefixRest, id), binary.AppendUvarint(nil, uint64(chunks)))
}

// chunksIn is of how many chunks a record is, in the words of storage; 0: there is none.
func chunksIn(value []byte) int {
	n, size := binary.Uvarint(value)
	if size <= 0 || n > maxRecord/MaxValue {
		return 0
	}
	return int(n)
}

// drop removes the chunks of a connection from a number on, of so many that there are;
// from the first on all that is stored of it.
func (m *memory) drop(id string, from, chunks int) error {
	for n := from; n < chunks; n++ {
		if err := m.storage.Delete(keyIn(prefixChunk, id, uint64(n))); err != nil {
			return err
		}
	}
	if from > 0 || chunks == 0 {
		return nil
	}
	return m.storage.Delete(keyOf(prefixRest, id))
}

// forget removes what is kept of a connection that has ended, beside its socket.
func (m *memory) forget(r *record) error {
	if err := m.sweep(); err != nil {
		return err
	}
	before := m.attached[r.id]
	delete(m.attached, r.id)
	return m.drop(r.id, 0, before.chunks)
}

// sweep removes, once, what is stored of connections that were gone when the room came
// into memory: those that ended while it was not there. It runs before the first
// change, when all that are there have been loaded.
func (m *memory) sweep() error {
	if m.swept {
		return nil
	}
	strays := map[string]int{} // chunks by id
	err := eachUnder(m.storage, prefixRest, 256, func(key string, value []byte) {
		if id, ok := nameIn(key[len(prefixRest):]); ok && m.attached[id].chunks == 0 {
			strays[id] = chunksIn(value)
		}
	})
	if err != nil {
		return err
	}
	for id, chunks := range strays {
		if err := m.drop(id, 0, max(chunks, 1)); err != nil {
			return err
		}
	}
	m.swept = true
	return nil
}
