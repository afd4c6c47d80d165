package room

// memory is all that a room remembers while it is not in memory. Its methods do not
// block. Those of the history may be called from any goroutine, the others from one at
// a time.
type memory struct {
	object   Object
	storage  Storage
	attached map[string]attached // by id of the connection
	swept    bool                // what is stored of connections that are gone was removed
	scratch  []byte

	pending *pending
	spent   *spent
	history *storedHistory
}

// openMemory is the memory of an object that has just come into memory. It gives
// ErrNewer, errFormat, or an error of the storage's; then nothing has changed.
func openMemory(o Object, options *Options) (*memory, error) {
	storage := o.Storage()
	if err := checkFormat(storage); err != nil {
		return nil, err
	}
	return &memory{
		object: o, storage: storage, attached: map[string]attached{},
		pending: newPending(o, options.HandshakesPerAddress, options.HandshakeTimeout),
		spent:   newSpent(o),
		history: newHistory(o, options.HistoryBytes),
	}, nil
}
