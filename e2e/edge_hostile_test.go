package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/gateway"
	"partline.dev/server/edge/inside"
)

// TestEdge_hostile asks the Workers what nobody may ask them: whatever it is, rooms
// hear nothing from outside but WebSockets, and nothing leaves that stays inside.
func TestEdge_hostile(t *testing.T) {
	t.Parallel()
	e := startEdge(t, "--allow-host", "https://good.example")
	addr := strings.TrimPrefix(e.URL, "http://")
	question, err := json.Marshal(inside.Negotiation{Version: inside.Version, Hub: "connected"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(request string, headers ...string) (status int, answer string) {
		t.Helper()
		return askRaw(t, addr, request, string(question), headers...)
	}
	negotiate := func() (token string) {
		t.Helper()
		status, answer := ask("POST /hubs/connected/negotiate?negotiateVersion=1", "Origin: https://good.example")
		found := regexp.MustCompile(`"connectionToken":"([0-9a-f]{64}\.[\w-]{22})"`).FindStringSubmatch(answer)
		if status != http.StatusOK || found == nil {
			t.Fatalf("negotiate: %d %s", status, answer)
		}
		return found[1]
	}
	upgrade := func(value string, more ...string) []string {
		return append([]string{"Upgrade: " + value, "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, more...)
	}
	token := negotiate()
	object, secret, _ := strings.Cut(token, ".")
	socket, both, good := upgrade("websocket"), upgrade("websocket, h2c"), "Origin: https://good.example"

	for _, row := range []struct {
		name, request string
		headers       []string
		want          []int
	}{
		{"a room's question", "POST /negotiate", nil, []int{404}},
		{"a room's question about a ticket", "POST /spend", nil, []int{404, 405}},
		{"a path out of the hubs", "POST /hubs/../negotiate", nil, []int{404}},
		{"an empty part of a path", "POST //negotiate", nil, []int{404}},
		{"an encoded path", "POST /hubs/%2e%2e/negotiate", nil, []int{404}},
		{"encoded slashes", "POST /hubs%2f..%2fnegotiate", nil, []int{404}},
		{"two hubs", "POST /hubs/connected/connected/negotiate", nil, []int{404}},
		{"a question as a WebSocket", "POST /negotiate?id=" + token, socket, []int{400, 404, 426}},
		{"a question as a WebSocket and more", "POST /negotiate?id=" + token, both, []int{400, 404, 426}},
		{"a question about a ticket as a WebSocket", "POST /spend?id=" + token, socket, []int{400, 404, 426}},
		{"a WebSocket and more, without negotiation", "GET /hubs/connected", both, []int{400, 426}},
		{"a WebSocket twice", "GET /hubs/connected", append(slices.Clone(socket), "Upgrade: websocket"), []int{400, 426}},
		{"a room that the client names", "GET /hubs/connected", append(slices.Clone(socket), gateway.HeaderRoom+": "+token, "Origin: https://good.example.evil"), []int{403}},
		{"a room that the client names, and no WebSocket", "GET /hubs/connected", []string{gateway.HeaderRoom + ": " + token, good}, []int{400, 404}},
		{"another secret", "GET /hubs/connected?id=" + object + "." + strings.Repeat("A", 22), append(slices.Clone(socket), good), []int{404}},
		{"no secret", "GET /hubs/connected?id=" + object + ".", append(slices.Clone(socket), good), []int{404}},
		{"no object", "GET /hubs/connected?id=." + secret, append(slices.Clone(socket), good), []int{404}},
		{"an object that cannot be", "GET /hubs/connected?id=" + strings.Repeat("0", 64) + "." + secret, append(slices.Clone(socket), good), []int{404}},
		{"another object", "GET /hubs/connected?id=" + object[:63] + "g." + secret, append(slices.Clone(socket), good), []int{404}},
		{"an object in capitals", "GET /hubs/connected?id=" + strings.ToUpper(token), append(slices.Clone(socket), good), []int{404}},
		{"another id first", "GET /hubs/connected?id=x&id=" + token, append(slices.Clone(socket), good), []int{404}},
		{"the name of an object", "GET /hubs/connected?id=room%00%00", append(slices.Clone(socket), good), []int{404}},
		{"another hub", "GET /hubs/chat?id=" + token, append(slices.Clone(socket), good), []int{404}},
		{"a hub in a path", "GET /hubs/connected/..?id=" + token, append(slices.Clone(socket), good), []int{404}},
		{"another site", "GET /hubs/connected?id=" + token, append(slices.Clone(socket), "Origin: https://good.example.evil"), []int{403}},
		{"no site", "GET /hubs/connected?id=" + token, append(slices.Clone(socket), "Origin: null"), []int{403}},
		{"a program", "GET /hubs/connected?id=" + token, socket, []int{403}},
		{"the client itself", "GET /hubs/connected?id=" + token, append(slices.Clone(socket), good), []int{101}},
		{"the client itself, again", "GET /hubs/connected?id=" + token, append(slices.Clone(socket), good), []int{404}},
		{"a WebSocket without negotiation", "GET /hubs/connected", append(slices.Clone(socket), good), []int{101}},
	} {
		status, answer := ask(row.request, row.headers...)
		if !slices.Contains(row.want, status) {
			t.Errorf("%s: %d, want %v: %.300q", row.name, status, row.want, answer)
		}
		if strings.Contains(strings.ToLower(answer), strings.ToLower(gateway.HeaderRoom)) || strings.Contains(answer, "connectionToken") || strings.Contains(answer, object) {
			t.Errorf("%s: it was told %.500q", row.name, answer)
		}
	}
	if status, answer := ask("GET /hubs/connected?id="+negotiate(), append(slices.Clone(socket), good)...); status != http.StatusSwitchingProtocols {
		t.Errorf("after all that, a client is answered with %d %s", status, answer)
	}
}

// askRaw makes a request as it is written, and returns all of what is answered.
func askRaw(t *testing.T, addr, request, body string, headers ...string) (status int, answer string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	lines := append([]string{request + " HTTP/1.1", "Host: " + addr}, headers...)
	if !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Connection:") }) {
		lines = append(lines, "Connection: close")
	}
	if strings.HasPrefix(request, "POST") {
		lines = append(lines, "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body)))
	} else {
		body = ""
	}
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	defer response.Body.Close()
	var head strings.Builder
	_ = response.Header.Write(&head) // never fails
	if response.StatusCode == http.StatusSwitchingProtocols {
		return response.StatusCode, head.String()
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	return response.StatusCode, head.String() + string(content)
}
