package e2e_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/faultproxy"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/chat"
	client "partline.dev/wasmclient"
)

// Some post while their links are cut, and one reads whose link is cut as well: what
// was acknowledged is shown once, in order, whatever was lost on the way; and who comes
// later reads the same.
func TestChat_eachMessageOnce(t *testing.T) {
	t.Parallel()
	const writers, posts, cuts = 3, 30, 5
	s := partline.Start(t, binary, "--no-stateful-reconnect")
	for _, way := range clientWays() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			proxy, err := faultproxy.Listen(strings.TrimPrefix(s.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = proxy.Close() })
			base := "http://" + proxy.Addr()
			reader := readChat(t, base, way.name, way)
			reader.until(ctx, t, func(r *chatReader) bool { return r.replays > 0 })

			var tasks sync.WaitGroup
			acknowledged := make(chan chat.Message, writers*posts)
			for w := range writers {
				c := client.New(base+"/hubs/chat", chat.Hub, chatOptions(way.name, way))
				t.Cleanup(client.On(c, chat.MessageEvent, func(chat.Message) {}))
				running, stop := context.WithCancel(ctx)
				ran := make(chan struct{})
				go func() {
					defer close(ran)
					_ = c.Run(running)
				}()
				t.Cleanup(func() {
					stop()
					<-ran
					_ = c.Close()
				})
				tasks.Go(func() {
					for n := 0; n < posts && ctx.Err() == nil; n++ {
						text := fmt.Sprint(w, ".", n)
						for ctx.Err() == nil { // until it is acknowledged; it may be kept twice then
							at, err := client.Call(ctx, c, chat.PostMethod, chat.Post{Text: text})
							if err == nil {
								acknowledged <- chat.Message{Epoch: at.Epoch, Offset: at.Offset, At: at.At, Text: text}
								if w == 0 && n%(posts/cuts) == 0 {
									proxy.Cut()
								}
								break
							}
							isConnected(ctx, c)
						}
					}
				})
			}
			tasks.Wait()
			close(acknowledged)

			later := readChat(t, s.URL, way.name, way)
			later.until(ctx, t, func(r *chatReader) bool { return r.replays > 0 })
			later.mu.Lock()
			kept, gaps := later.shown, later.gaps
			later.mu.Unlock()
			for i, m := range kept {
				if m.Offset != int64(i+1) || m.Epoch != kept[0].Epoch {
					t.Fatalf("the %d. that is kept is %v", i+1, m)
				}
			}
			count := 0
			for m := range acknowledged {
				count++
				if m.Offset < 1 || m.Offset > int64(len(kept)) || kept[m.Offset-1] != m {
					t.Fatalf("%v was acknowledged, and is not kept", m)
				}
			}
			if count != writers*posts || len(gaps) > 0 {
				t.Fatalf("%d of %d were acknowledged; gaps: %v", count, writers*posts, gaps)
			}
			reader.until(ctx, t, func(r *chatReader) bool { return len(r.shown) >= len(kept) })
			reader.mu.Lock()
			defer reader.mu.Unlock()
			for i, m := range reader.shown {
				if i >= len(kept) || m != kept[i] {
					t.Fatalf("the %d. that is shown is %v", i+1, m)
				}
			}
			t.Logf("%d messages, %d replays", len(kept), reader.replays)
			if reader.replays < 2 || len(reader.gaps) > 0 {
				t.Errorf("%d replays, the gaps are %v", reader.replays, reader.gaps)
			}
		})
	}
}

// isConnected waits until c is.
func isConnected(ctx context.Context, c *client.Client) {
	there := make(chan struct{})
	var once sync.Once
	defer c.Watch(func(s client.State) {
		if s.Phase == client.Connected {
			once.Do(func() { close(there) })
		}
	})()
	select {
	case <-there:
	case <-ctx.Done():
	}
}

// A server that is started anew has lost what it kept: who comes back is told so, and
// gets what is there now.
func TestChat_afterARestart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s := partline.Start(t, binary, "--history-messages", "2")
	reader := readChat(t, s.URL, "hall", anyWay)
	say := func(texts ...string) (at chat.Posted) {
		t.Helper()
		c, err := client.Dial(ctx, s.URL+"/hubs/chat", chat.Hub, chatOptions("hall", anyWay))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		defer client.On(c, chat.MessageEvent, func(chat.Message) {})()
		for _, text := range texts {
			if at, err = client.Call(ctx, c, chat.PostMethod, chat.Post{Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		return at
	}
	before := say("one", "two", "three", "four", "five")
	reader.until(ctx, t, func(r *chatReader) bool { return r.last.Offset == 5 })
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	reader.until(ctx, t, func(r *chatReader) bool { return len(r.gaps) > 0 })
	reader.mu.Lock()
	if got := reader.gaps[len(reader.gaps)-1]; got != (chat.Gap{Epoch: before.Epoch, From: 6}) {
		t.Errorf("after the restart the gap is %v", got)
	}
	reader.mu.Unlock()
	after := say("six")
	reader.until(ctx, t, func(r *chatReader) bool { return r.last.Epoch == after.Epoch && r.last.Offset == 1 })
	if after.Epoch == before.Epoch {
		t.Error("the epoch is the same after the restart")
	}
	say("seven", "eight")
	late := readChat(t, s.URL, "hall", anyWay)
	late.until(ctx, t, func(r *chatReader) bool { return r.replays > 0 })
	late.mu.Lock()
	defer late.mu.Unlock()
	if len(late.gaps) != 1 || late.gaps[0] != (chat.Gap{Epoch: after.Epoch, From: 1, To: 1}) || len(late.shown) != 2 || late.shown[1].Text != "eight" {
		t.Errorf("of three messages, of which two are kept: %v, %v", late.gaps, late.shown)
	}
}

// The program of docs/chat.md, as it stands there.
func TestChat_asInTheDocs(t *testing.T) {
	t.Parallel()
	fromNPM(t, "@microsoft", "signalr", "package.json")
	page, err := os.ReadFile("../docs/chat.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, ok := strings.Cut(string(page), "\n```js\n")
	program, _, ended := strings.Cut(program, "\n```\n")
	if !ok || !ended {
		t.Fatal("docs/chat.md shows no JavaScript")
	}
	s := partline.Start(t, binary)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, s.URL+"/hubs/chat", chat.Hub)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	defer client.On(c, chat.MessageEvent, func(chat.Message) {})()
	for _, text := range []string{"one", "two"} {
		if _, err := client.Call(ctx, c, chat.PostMethod, chat.Post{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := process.Command(ctx, time.Second, "node", "--input-type=module", "-")
	cmd.Dir = "npm"
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(program, "https://parts.example/", s.URL+"/") +
		"\nawait connection.invoke(\"Post\", \"three\");\nwhile (waiting) await new Promise(setImmediate);\nawait connection.stop();\n")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, t.Output()
	err = cmd.Run()
	own := slices.DeleteFunc(strings.Split(said.String(), "\n"), func(line string) bool { return strings.HasPrefix(line, "[") }) // SignalR's own
	if err != nil || !slices.Equal(own, []string{": one", ": two", ": three", ""}) {
		t.Fatalf("the program says %q, and ended with %v", said.String(), err)
	}
}
