package transport_test

import (
	"testing"

	"partline.dev/server/transport"
)

func TestMailbox_heldMailStays(t *testing.T) {
	// The answer to a handshake waits until the connection is in its rooms,
	// also when a poll is there already.
	m := transport.NewMailbox(transport.NewHost(nil))
	waiting := m.Mail()
	if waiting == nil {
		t.Fatal("an empty mailbox has mail")
	}
	if err := m.Hold("hi"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-waiting:
		t.Error("what is held was told")
	default:
	}
	if m.Mail() == nil {
		t.Error("what is held counts as mail")
	}
	if got, last := m.Fetch(); got != "" || last {
		t.Errorf("fetched %q, %v", got, last)
	}
	m.Release()
	<-waiting
	if m.Mail() != nil {
		t.Error("what was released is no mail")
	}
	if got, last := m.Fetch(); got != "hi" || last {
		t.Errorf("fetched %q, %v", got, last)
	}
	waiting = m.Mail()
	m.Close()
	<-waiting
	if got, last := m.Fetch(); got != "" || !last {
		t.Errorf("after the end: fetched %q, %v", got, last)
	}
	if err := m.Hold("late"); err == nil {
		t.Error("a closed mailbox took something")
	}
}
