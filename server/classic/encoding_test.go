package classic_test

import (
	"testing"

	"partline.dev/server/classic"
	"partline.dev/shared/wire"
)

func TestEncoding(t *testing.T) {
	codec := classic.Encoding.Codec()
	if codec.Name() == wire.JSON.Name() || codec.Binary() {
		t.Errorf("the codec is %q, binary %v", codec.Name(), codec.Binary())
	}
	for want, m := range map[string]wire.Message{
		`{"H":"chatHub","M":"broadcastMessage","A":["a",1]}`: {Kind: wire.Invocation, Hub: []byte("chatHub"), Target: []byte("broadcastMessage"), Arguments: []byte(`["a",1]`)},
		`{"H":"h","M":"\u003c\"","A":[]}`:                    {Kind: wire.Invocation, Hub: []byte("h"), Target: []byte(`<"`)},
		`Why it ended.`:                                      {Kind: wire.Close, HasError: true, Error: []byte("Why it ended.")},
		``:                                                   {Kind: wire.Ping},
	} {
		if got := string(codec.Append(nil, &m)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
