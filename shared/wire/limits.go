package wire

import "partline.dev/shared/contract"

// What one message may hold. A message over any of them is refused, but for its
// headers: those that are over are left out.
const (
	// MaxDepth is how deep arrays and objects may be nested, the message
	// itself being level 1.
	MaxDepth = 64

	// MaxArguments is how many arguments an invocation may have.
	MaxArguments = 64

	// MaxStreamIDs is how many upload streams an invocation may have.
	MaxStreamIDs = 16

	// MaxHeaders is how many headers of an invocation are kept.
	MaxHeaders = 8

	// MaxHeader is the longest name, and the longest value, of a header that is
	// kept, in bytes.
	MaxHeader = 4096

	// MaxName is the longest target, invocation id or stream id, in bytes.
	MaxName = contract.MaxName

	// MaxHandshake is the longest handshake request or reply, in bytes, its
	// end not counted.
	MaxHandshake = 4096
)
