package ui_test

import (
	"errors"
	"testing"

	"partline.dev/app/ui"
	client "partline.dev/wasmclient"
)

func TestStatus_isALiveRegionFromTheStart(t *testing.T) {
	show(t, &ui.Status{}).has(t, `role="status"`, "Starting…")
	show(t, &ui.Status{Lang: ui.Arabic}).has(t, "جارٍ البدء…")
}

func TestStatus_saysTheStateInWords(t *testing.T) {
	for _, e := range []struct {
		state        client.State
		class, words string
	}{
		{client.State{Phase: client.Connecting}, "connecting", "Connecting…"},
		{client.State{Phase: client.Connecting, Err: errors.New("dial tcp: secret")}, "connecting", "Connecting…"},
		{client.State{Phase: client.Connected}, "connected", "Connected"},
		{client.State{Phase: client.Reconnecting, Err: errors.New("read tcp: secret")}, "reconnecting", "Connection lost. Reconnecting…"},
		{client.State{Phase: client.Disconnected}, "disconnected", "Disconnected"},
		{client.State{Phase: client.Disconnected, Err: errors.New("secret")}, "disconnected", "Disconnected"},
		{client.State{Phase: client.Disconnected, Err: errors.Join(client.ErrHubClosed, &client.Error{Message: "sign in first"})}, "disconnected", "Disconnected: sign in first"},
	} {
		class, words := ui.English.StateWords(e.state)
		if class != e.class || words != e.words {
			t.Errorf("%v with %v is %s, %q", e.state.Phase, e.state.Err, class, words)
		}
	}
}

func TestStatus_saysOverWhichTransport(t *testing.T) {
	for transport, want := range map[client.Transport]string{
		client.WebSockets: "über WebSockets", client.ServerSentEvents: "über Server-Sent Events", client.LongPolling: "über Long Polling", 0: "",
	} {
		if got := ui.German.Way(client.State{Phase: client.Connected, Transport: transport}); got != want {
			t.Errorf("over %v it says %q", transport, got)
		}
	}
	polled := client.State{Phase: client.Connected, Transport: client.LongPolling}
	for _, states := range [][]client.State{{{Phase: client.Connected, Transport: client.WebSockets}, polled}, {polled, {Phase: client.Connected, Transport: client.WebSockets}}} {
		if got, _ := ui.Worst(states...); got != polled {
			t.Errorf("of two that work it shows %+v", got)
		}
	}
}

func TestStatus_saysTheWorstOfSeveral(t *testing.T) {
	if _, ok := ui.Worst(); ok {
		t.Error("there is a worst of none")
	}
	order := []client.Phase{client.Connected, client.Connecting, client.Reconnecting, client.Disconnected}
	for i, better := range order {
		for _, worse := range order[i:] {
			for _, states := range [][]client.State{
				{{Phase: better}, {Phase: worse}},
				{{Phase: worse}, {Phase: better}},
			} {
				if got, ok := ui.Worst(states...); !ok || got.Phase != worse {
					t.Errorf("of %v the worst is %v", states, got.Phase)
				}
			}
		}
	}
}
