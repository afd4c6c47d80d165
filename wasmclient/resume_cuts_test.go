package client_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/wire"
	client "partline.dev/wasmclient"
)

// keeper is the hub's end of a connection that survives its links: what hubs do,
// without an outbox of their own.
type keeper struct {
	t    *testing.T
	conn *fakeConn

	sent   int      // messages that count
	kept   []string // not confirmed
	next   int64    // number of the client's next message
	latest int64
	heard  []string // arguments of the client's calls, each once
}

// send sends an event, or as much of it as gets through.
func (k *keeper) send(text string) {
	k.sent++
	k.kept = append(k.kept, text)
	k.write(text)
}

func (k *keeper) write(text string) {
	select {
	case k.conn.toClient <- []byte(text):
	case <-k.conn.closed:
	case <-k.conn.ended:
	case <-time.After(guard):
		k.t.Error("the client does not read")
	}
}

// receive acts on all that the client has written.
func (k *keeper) receive() {
	for {
		select {
		case p := <-k.conn.toHub:
			k.conn.received = append(k.conn.received, p...)
			continue
		default:
		}
		msg, rest, err := wire.JSON.Split(k.conn.received, 1<<20)
		if err != nil {
			k.t.Fatal(err)
		}
		if msg == nil {
			return
		}
		k.conn.received = rest
		var m wire.Message
		if err := wire.JSON.Decode(msg, &m); err != nil {
			k.t.Fatalf("the client sent %q: %v", msg, err)
		}
		k.receiveOne(&m)
	}
}

func (k *keeper) receiveOne(m *wire.Message) {
	switch m.Kind {
	case wire.Ack:
		for int64(k.sent-len(k.kept)) < m.SequenceID {
			k.kept = k.kept[1:]
		}
	case wire.Sequence:
		if m.SequenceID > k.latest+1 {
			k.t.Fatalf("the client goes on with %d, and %d is missing", m.SequenceID, k.next)
		}
		k.next = m.SequenceID
	case wire.Invocation:
		if k.next++; k.next-1 > k.latest {
			k.latest = k.next - 1
			k.heard = append(k.heard, string(m.Arguments))
		}
	}
}

// resume goes on over another link.
func (k *keeper) resume(conn *fakeConn) {
	k.conn = conn
	k.write(fmt.Sprintf(`{"type":9,"sequenceId":%d}`+"\x1e", k.sent-len(k.kept)+1))
	for _, text := range k.kept {
		k.write(text)
	}
}

// TestResume_cuts cuts the link at random moments, while both ends speak and
// while they resume: every message arrives once and in order, both ways.
func TestResume_cuts(t *testing.T) {
	const cuts = 1000
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("PARTLINE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("PARTLINE_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, cuts))
	synctest.Test(t, func(t *testing.T) {
		hub := newFakeHub(t)
		hub.resumes = true
		c := hub.newClient(&client.Options{RetryBase: time.Millisecond})
		var heard []string
		client.On(c, connected.BroadcastMessage, func(b connected.Broadcast) { heard = append(heard, b.Message) })
		run(t, c)
		k := &keeper{t: t, conn: hub.accept(), next: 1}
		synctest.Wait()

		var speaking sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		said := 0
		speaking.Go(func() {
			for sleepFor := range pauses(ctx, rand.New(rand.NewPCG(seed, 1))) {
				pass(sleepFor)
				if err := client.Send(context.Background(), c, connected.SendMethod, connected.Send{Message: strconv.Itoa(said)}); err != nil {
					t.Errorf("call %d: %v", said, err)
					return
				}
				said++
			}
		})
		for cut := 0; cut < cuts; {
			switch random.IntN(8) {
			default:
				k.send(eventText("hub", strconv.Itoa(k.sent)))
			case 1:
				pass(time.Duration(random.IntN(1500)) * time.Millisecond)
			case 2:
				k.receive()
			case 3:
				k.receive()
				k.write(fmt.Sprintf(`{"type":8,"sequenceId":%d}`+"\x1e", k.latest))
			case 4:
				if random.IntN(3) == 0 {
					text := eventText("hub", strconv.Itoa(k.sent))
					k.sent++
					k.kept = append(k.kept, text)
					k.write(text[:random.IntN(len(text))]) // cut in a message
				}
				k.conn.end(io.ErrUnexpectedEOF)
				cut++
				conn := <-hub.conns
				for again := 0; again < 3 && random.IntN(4) == 0; again++ { // cut while it is being resumed
					if random.IntN(2) == 0 {
						conn.trySend(fmt.Sprintf(`{"type":9,"sequenceId":%d}`+"\x1e", k.sent-len(k.kept)+1))
					}
					conn.end(io.ErrUnexpectedEOF)
					cut++
					conn = <-hub.conns
				}
				k.resume(conn)
			}
		}
		stop()
		speaking.Wait()
		synctest.Wait()
		k.receive()
		synctest.Wait()
		if hub.asked != 1 {
			t.Errorf("%d negotiations", hub.asked)
		}
		if len(heard) != k.sent || len(k.heard) != said {
			t.Errorf("%d of %d events and %d of %d calls arrived", len(heard), k.sent, len(k.heard), said)
		}
		for i, message := range heard {
			if message != strconv.Itoa(i) {
				t.Fatalf("event %s arrived in the place of %d", message, i)
			}
		}
		for i, arguments := range k.heard {
			if arguments != fmt.Sprintf(`["","%d"]`, i) {
				t.Fatalf("call %s arrived in the place of %d", arguments, i)
			}
		}
		t.Logf("%d links cut, %d events and %d calls", cuts, k.sent, said)
	})
}

// pauses are random waits, until ctx ends.
func pauses(ctx context.Context, random *rand.Rand) func(yield func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for ctx.Err() == nil && yield(time.Duration(random.IntN(400))*time.Millisecond) {
		}
	}
}
