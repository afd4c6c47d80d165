package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/chat"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	contract "partline.dev/shared/chat"
	scopes "partline.dev/shared/contract"
)

// hooked is a log that tells a test of each read before it is done.
type hooked struct {
	history.Log

	reads  int
	before func(read int) error
	during func(ctx context.Context, read int)
}

func (l *hooked) Read(ctx context.Context, room string, after history.Position, limit int) (history.Page, error) {
	l.reads++
	if l.before != nil {
		if err := l.before(l.reads); err != nil {
			return history.Page{}, err
		}
	}
	if l.during != nil {
		l.during(ctx, l.reads)
	}
	return l.Log.Read(ctx, room, after, limit)
}

// inTenant is the name of the room in the log in which clients are that ask for nothing.
const inTenant = "4:chat0:6:tenant0:"

// numbers are the texts of posts from one number to another.
func numbers(from, to int) string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, strconv.Itoa(n))
	}
	return strings.Join(all, " ")
}

// filled is a hub with so many posts, the last of them at.
func filled(t *testing.T, log history.Log, posts int) (h *hubtest.Hub, c *hubtest.Client, at contract.Posted) {
	t.Helper()
	h = hubtest.New(t, chat.New(log))
	c = h.Connect(hub.Principal{})
	for n := range posts {
		at = post(t, c, strconv.Itoa(n+1))
	}
	return h, c, at
}

func TestReplay_manyPages(t *testing.T) {
	log := &hooked{Log: history.NewMemory(history.Limits{})}
	_, c, at := filled(t, log, 200)
	for since, want := range map[contract.Since]string{
		{}:                             numbers(1, 200),
		{Epoch: at.Epoch}:              numbers(1, 200),
		{Epoch: at.Epoch, Offset: 100}: numbers(101, 200),
		{Epoch: at.Epoch, Offset: 199}: "200",
		{Epoch: at.Epoch, Offset: 200}: "",
		{Epoch: at.Epoch, Offset: 900}: "",
	} {
		if got := texts(replayed(t, c, since)); got != want {
			t.Errorf("since %v: %s", since, got)
		}
	}
	log.reads = 0
	replayed(t, c, contract.Since{})
	if log.reads < 3 {
		t.Errorf("200 records were read in %d pages", log.reads)
	}
}

func TestReplay_whatIsGoneIsAGap(t *testing.T) {
	_, c, at := filled(t, history.NewMemory(history.Limits{RoomRecords: 3}), 10)
	all := replayed(t, c, contract.Since{})
	if texts(all) != "- 8 9 10" || *all[0].Gap != (contract.Gap{Epoch: at.Epoch, From: 1, To: 7}) {
		t.Errorf("from the beginning: %s", texts(all))
	}
	all = replayed(t, c, contract.Since{Epoch: at.Epoch, Offset: 5})
	if texts(all) != "- 8 9 10" || *all[0].Gap != (contract.Gap{Epoch: at.Epoch, From: 6, To: 7}) {
		t.Errorf("since the fifth: %s", texts(all))
	}
	if got := texts(replayed(t, c, contract.Since{Epoch: at.Epoch, Offset: 7})); got != "8 9 10" {
		t.Errorf("since the seventh: %s", got)
	}
}

func TestReplay_anotherEpochIsAGapAndEverything(t *testing.T) {
	_, c, at := filled(t, history.NewMemory(history.Limits{RoomRecords: 3}), 5)
	all := replayed(t, c, contract.Since{Epoch: "before", Offset: 7})
	if texts(all) != "- - 3 4 5" || *all[0].Gap != (contract.Gap{Epoch: "before", From: 8}) || *all[1].Gap != (contract.Gap{Epoch: at.Epoch, From: 1, To: 2}) {
		t.Errorf("since another epoch: %s", texts(all))
	}
	_, c, _ = filled(t, history.NewMemory(history.Limits{}), 0)
	all = replayed(t, c, contract.Since{Epoch: "before", Offset: 7})
	if texts(all) != "-" || *all[0].Gap != (contract.Gap{Epoch: "before", From: 8}) {
		t.Errorf("since another epoch, in an empty room: %s", texts(all))
	}
}

func TestReplay_sinceNowhereIsRefused(t *testing.T) {
	_, c, at := filled(t, history.NewMemory(history.Limits{}), 1)
	for _, since := range []contract.Since{{Offset: 1}, {Offset: -1}, {Epoch: at.Epoch, Offset: -1}} {
		for item, err := range hubtest.Open(t.Context(), c, contract.Replay, since) {
			if refusal := (*access.Refusal)(nil); !errors.As(err, &refusal) || refusal.Code != contract.CodeSince {
				t.Errorf("since %v: %v, %v", since, item, err)
			}
		}
	}
}

// A replay ends where the room was when it began: what comes meanwhile is heard.
func TestReplay_besidePosts(t *testing.T) {
	log := &hooked{Log: history.NewMemory(history.Limits{RoomRecords: 100})}
	h, c, _ := filled(t, log, 100)
	hubtest.Heard(t, c, contract.MessageEvent)
	writer := h.Connect(hub.Principal{})
	next := 101
	write := func(posts int) {
		for range posts {
			post(t, writer, strconv.Itoa(next))
			next++
		}
	}
	log.before = func(read int) error {
		if read == 2 {
			write(10)
		}
		return nil
	}
	if got := texts(replayed(t, c, contract.Since{})); got != numbers(1, 100) {
		t.Errorf("beside ten posts: %s", got)
	}
	var heard []string
	for _, m := range hubtest.Heard(t, c, contract.MessageEvent) {
		heard = append(heard, m.Text)
	}
	if got := strings.Join(heard, " "); got != numbers(101, 110) {
		t.Errorf("heard %s", got)
	}

	log.reads = 0
	log.before = func(read int) error { // all that was there at the beginning goes meanwhile
		if read == 2 {
			write(1000)
		}
		return nil
	}
	all := replayed(t, c, contract.Since{})
	last := all[len(all)-1]
	if got := texts(all); got != numbers(11, 74)+" -" && got != "- "+numbers(11, 74)+" -" || last.Gap.From != 75 || last.Gap.To != 110 {
		t.Errorf("beside a thousand posts: %s, %v", got, last.Gap)
	}
}

// A room that is lost and begun anew while it is replayed.
func TestReplay_theEpochEndsMeanwhile(t *testing.T) {
	memory := history.NewMemory(history.Limits{Rooms: 1})
	log := &hooked{Log: memory}
	_, c, at := filled(t, log, 100)
	log.before = func(read int) error {
		if read != 2 {
			return nil
		}
		quiet := func(history.Position, history.Record) {}
		if _, err := memory.Append(t.Context(), "another", nil, quiet); err != nil {
			return err
		}
		_, err := memory.Append(t.Context(), inTenant, []byte("\x01\x00new"), quiet)
		return err
	}
	all := replayed(t, c, contract.Since{})
	if texts(all) != numbers(1, 64)+" -" || *all[64].Gap != (contract.Gap{Epoch: at.Epoch, From: 65, To: 100}) {
		t.Errorf("the replay was %s", texts(all))
	}
}

func TestReplay_endsWhenTheCallerGoesElsewhere(t *testing.T) {
	log := &hooked{Log: history.NewMemory(history.Limits{})}
	_, c, _ := filled(t, log, 200)
	items := 0
	for _, err := range hubtest.Open(t.Context(), c, contract.Replay, contract.Since{}) {
		if err != nil {
			if refusal := (*access.Refusal)(nil); !errors.As(err, &refusal) || refusal.Code != access.CodeScope {
				t.Errorf("the replay ends with %v", err)
			}
			break
		}
		items++
	}
	if items != 200 {
		t.Fatalf("who stays gets %d", items)
	}
	log.reads = 0
	moved := make(chan error, 1)
	log.before = func(read int) error {
		if read == 2 { // the stream runs beside other calls
			_, err := hubtest.Call(t.Context(), c, access.Enter, access.EnterRequest{Where: access.Where{Scope: scopes.ScopePlace, Place: "hall"}})
			moved <- err
		}
		return nil
	}
	var last error
	items = 0
	for item, err := range hubtest.Open(t.Context(), c, contract.Replay, contract.Since{}) {
		if last = err; err == nil && item.Message != nil {
			items++
		}
	}
	if err := <-moved; err != nil {
		t.Fatal(err)
	}
	if refusal := (*access.Refusal)(nil); !errors.As(last, &refusal) || refusal.Code != access.CodeScope || items > 128 {
		t.Errorf("who has left gets %d messages, and then %v", items, last)
	}
}

// Who wants no more gets no more, and the log is not read on.
func TestReplay_isCancelled(t *testing.T) {
	log := &hooked{Log: history.NewMemory(history.Limits{})}
	h, c, _ := filled(t, log, 200)
	ctx, cancel := context.WithCancel(t.Context())
	log.during = func(read context.Context, n int) {
		if n == 2 {
			cancel()
			<-read.Done() // the client's word has come
		}
	}
	for _, err := range hubtest.Open(ctx, c, contract.Replay, contract.Since{}) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	h.Settle()
	if log.reads != 2 {
		t.Errorf("the log was read %d times", log.reads)
	}
	if at := post(t, c, "more"); at.Offset != 201 {
		t.Errorf("afterwards the next post is at %d", at.Offset)
	}
}

func TestReplay_whenTheLogFails(t *testing.T) {
	log := &hooked{Log: history.NewMemory(history.Limits{})}
	_, c, _ := filled(t, log, 100)
	for _, at := range []int{1, 2} {
		log.reads = 0
		log.before = func(read int) error {
			if read == at {
				return errors.New("the disk is on fire")
			}
			return nil
		}
		var last error
		for _, err := range hubtest.Open(t.Context(), c, contract.Replay, contract.Since{}) {
			last = err
		}
		if last == nil {
			t.Errorf("a failure of read %d looks like the end", at)
		}
	}
}

// What a newer program has written, or what is broken, is a gap and not silence.
func TestReplay_recordsThatNobodyCanRead(t *testing.T) {
	log := history.NewMemory(history.Limits{})
	_, c, at := filled(t, log, 1)
	for _, data := range []string{"", "\x02\x00newer", "\x01", "\x01\x05abc", "\x01\x01\xffabc", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if _, err := log.Append(t.Context(), inTenant, []byte(data), func(history.Position, history.Record) {}); err != nil {
			t.Fatal(err)
		}
	}
	post(t, c, "last")
	all := replayed(t, c, contract.Since{})
	if got := texts(all); got != "1 - - - - - - last" {
		t.Fatalf("the replay is %s", got)
	}
	for i, item := range all[1:7] {
		if *item.Gap != (contract.Gap{Epoch: at.Epoch, From: int64(i) + 2, To: int64(i) + 2}) {
			t.Errorf("gap %d is %v", i, *item.Gap)
		}
	}
}

// Many post at once: everybody hears the room in the order of the offsets, and that is
// what is kept.
func TestPost_manyAtOnce(t *testing.T) {
	m, _ := kept()
	h := hubtest.New(t, m)
	listener := h.Connect(hub.Principal{})
	var tasks sync.WaitGroup
	var mu sync.Mutex // Protects following.
	acknowledged := map[int64]string{}
	for w := range 8 {
		c := h.Connect(hub.Principal{})
		tasks.Go(func() {
			for n := range 25 {
				text := fmt.Sprint(w, ".", n)
				at, err := hubtest.Call(t.Context(), c, contract.PostMethod, contract.Post{Text: text})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[at.Offset] = text
				mu.Unlock()
			}
		})
	}
	tasks.Wait()
	heard := hubtest.Heard(t, listener, contract.MessageEvent)
	if len(heard) != 200 || len(acknowledged) != 200 {
		t.Fatalf("%d were heard and %d acknowledged", len(heard), len(acknowledged))
	}
	for i, m := range heard {
		if m.Offset != int64(i+1) || m.Text != acknowledged[m.Offset] {
			t.Fatalf("the %d. that is heard is %d, %s", i+1, m.Offset, m.Text)
		}
	}
	all := replayed(t, listener, contract.Since{})
	if !slices.EqualFunc(all, heard, func(item contract.Item, m contract.Message) bool { return item.Message != nil && *item.Message == m }) {
		t.Error("what is replayed is not what was heard")
	}
}
