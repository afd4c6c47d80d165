package chat

// What the tests look into.
var (
	AppendRecord = appendRecord
	ReadRecord   = readRecord
	KeyOf        = keyOf
)
