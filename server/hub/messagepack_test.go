package hub_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

var packed = hub.NewEncoding(wire.MessagePack, nil)

// packPeer is the far end of a connection that speaks MessagePack.
type packPeer struct {
	mu  sync.Mutex // Protects following.
	got []byte
}

func (p *packPeer) Send(e *hub.Event) error {
	b, err := e.Bytes(packed)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, b...)
	return nil
}

func (p *packPeer) Close(hub.CloseReason) {}

func (p *packPeer) Room() <-chan struct{} { return nil }

func (p *packPeer) seen() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

// framed are bodies of messages, each after its length.
func framed(bodies ...string) (stream []byte) {
	for _, b := range bodies {
		stream = append(append(stream, byte(len(b))), b...)
	}
	return stream
}

// packBubble is bubble with one connection that speaks MessagePack.
func packBubble(t *testing.T, f func(t *testing.T, p *packPeer, c *hub.Conn)) {
	t.Helper()
	bubble(t, talk(nil), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := &packPeer{}
		c, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.MessagePack, Sink: p})
		if err != nil {
			t.Fatal(err)
		}
		f(t, p, c)
	})
}

func TestReceive_anySplitOfMessagePack(t *testing.T) {
	in := framed(
		"\x91\x06",
		"\x95\x01\x80\xa11\xa3add\x92\x01\x02", // without streamIds, as the JavaScript client has it
		"\x96\x01\x80\xc0\xa3SAY\x91\xa1x\x90",
		"\x96\x01\x80\xa12\xa3say\x91\x05\x90", // a number where a text is expected
	)
	want := framed(
		"\x95\x03\x80\xa11\x03\x81\xa5Total\x03",
		"\x96\x01\x80\xc0\xa5heard\x91\xa1x\x90",
	)
	for step := 1; step <= len(in); step++ {
		packBubble(t, func(t *testing.T, p *packPeer, c *hub.Conn) {
			for piece := range slices.Chunk(in, step) {
				if _, err := c.Receive(piece); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			got := p.seen()
			if !bytes.HasPrefix(got, want) || !bytes.Contains(got, []byte("\x80\xa12\x01\xd9\x35Failed to invoke 'say' due to an error on the server.")) {
				t.Errorf("in pieces of %d: saw %q, want %q and an error", step, got, want)
			}
		})
	}
}

// A length is refused before anything of that length has come.
func TestReceive_messagePackThatIsNone(t *testing.T) {
	for name, in := range map[string]string{
		"a length of 2 GiB":            "\xff\xff\xff\xff\x07",
		"a length of six bytes":        "\x80\x80\x80\x80\x80\x00",
		"an array of 4,294,967,295":    string(framed("\x95\x01\x80\xc0\xa3say\xdd\xff\xff\xff\xff")),
		"a sequence number below zero": string(framed("\x92\x09\xff")),
	} {
		packBubble(t, func(t *testing.T, p *packPeer, c *hub.Conn) {
			_, err := c.Receive([]byte(in))
			if err == nil {
				t.Fatalf("%s is taken", name)
			}
			synctest.Wait()
			msg, rest, err := wire.MessagePack.Split(p.seen(), 1000)
			var m wire.Message
			if err == nil {
				err = wire.MessagePack.Decode(msg, &m)
			}
			if err != nil || len(rest) > 0 || m.Kind != wire.Close || !m.HasError {
				t.Errorf("%s: the client sees %q, %v", name, p.seen(), err)
			}
		})
	}
}
