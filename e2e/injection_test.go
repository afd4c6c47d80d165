package e2e_test

import (
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
)

// payloads are texts that have run as scripts somewhere. Each would set
// window.pwned or open a dialog.
var payloads = []string{
	`<script>window.pwned=1</script>`,
	`<ScRiPt>window.pwned=1</sCrIpT>`,
	`</script><script>window.pwned=1</script>`,
	`<script src="data:text/javascript,window.pwned=1"></script>`,
	`<img src=x onerror=window.pwned=1>`,
	`<img src=x onerror="alert(1)">`,
	`"><img src=x onerror=window.pwned=1>`,
	`'><img src=x onerror=window.pwned=1>`,
	`<svg onload=window.pwned=1>`,
	`<svg><script>window.pwned=1</script></svg>`,
	`<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>`,
	`<math><mi xlink:href="javascript:window.pwned=1">x</mi></math>`,
	`<a href="javascript:window.pwned=1">x</a>`,
	`javascript:window.pwned=1`,
	`<iframe src="javascript:parent.pwned=1"></iframe>`,
	`<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
	`<object data="javascript:window.pwned=1"></object>`,
	`<embed src="javascript:window.pwned=1">`,
	`<body onload=window.pwned=1>`,
	`<input autofocus onfocus=window.pwned=1>`,
	`<details open ontoggle=window.pwned=1>`,
	`<video><source onerror=window.pwned=1></video>`,
	`<marquee onstart=window.pwned=1>`,
	`<style>@import "data:text/css,*{background:url(javascript:window.pwned=1)}";</style>`,
	`<div style="background:url(javascript:window.pwned=1)">`,
	`<meta http-equiv=refresh content="0;url=javascript:window.pwned=1">`,
	`<base href="javascript:window.pwned=1//">`,
	`<form action="javascript:window.pwned=1"><button autofocus>x</button></form>`,
	`<template><script>window.pwned=1</script></template>`,
	`<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">`,
	`<!--><img src=x onerror=window.pwned=1>-->`,
	`<![CDATA[><img src=x onerror=window.pwned=1>]]>`,
	`&lt;img src=x onerror=window.pwned=1&gt;`,
	`&#60;img src=x onerror=window.pwned=1&#62;`,
	`&amp;nbsp;&nbsp;`,
	`{{constructor.constructor("window.pwned=1")()}}`,
	`${window.pwned=1}`,
	"`${window.pwned=1}`",
	`';window.pwned=1;//`,
	`";window.pwned=1;//`,
	`\";window.pwned=1;//`,
	`\u003cimg src=x onerror=window.pwned=1\u003e`,
	`%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E`,
	"<img src=x\u2028onerror=window.pwned=1>",
	"\u202e<img src=x onerror=window.pwned=1>",
	// Not at the start, where Go's own bridge to the browser drops it.
	"<scr\ufeffipt>window.pwned=1</script>",
	"<scr\u0000ipt>window.pwned=1</script>",
	"line one\r\nline two\n\ndata: <script>window.pwned=1</script>",
	"a\u001eb {\"type\":1,\"target\":\"broadcastMessage\",\"arguments\":[\"x\",\"y\"]}\u001e",
	`__proto__`, `constructor`, `toString`,
}

// From a program that may send anything, as the name and as the message.
func TestInjection_textStaysText(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary, "--dev")
	page := chromium.Start(t, nil).Open(s.HostURL + everyonePage)
	one, two := framed(t, page, titleOne, 0), framed(t, page, titleTwo, 0)

	var sends []connected.Send
	var lines []string
	for _, p := range payloads {
		sends = append(sends, connected.Send{Name: p, Message: p})
		// No name has characters that nobody can see, and no text such as turn it.
		lines = append(lines, access.ForeignName(p)+": "+strings.ReplaceAll(p, "\u202e", "\ufffd"))
	}
	send(t, s, sends...)
	for _, part := range []*connectedPart{one, two} {
		part.expect(lines...)
		harmless(t, part)
	}
}

// From a person, in the box.
func TestInjection_typed(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	part := top(t, chromium.Start(t, nil).Open(s.URL+"/parts/one"))
	var lines []string
	for _, p := range payloads {
		if strings.ContainsAny(p, "\r\n\u0000\u001e") {
			continue // a box for one line takes none of these
		}
		part.box().Type(p)
		part.Press("\r")
		part.waitEmpty()
		lines = append(lines, speaksOne+": "+strings.ReplaceAll(p, "\u202e", "\ufffd"))
	}
	part.expect(lines...)
	harmless(t, part)
}

// From whoever writes the address of the part.
func TestInjection_nameInTheAddress(t *testing.T) {
	t.Parallel()
	s := partline.Start(t, binary)
	part := top(t, chromium.Start(t, nil).Open(s.URL+"/parts/one?name=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E&lang=%22%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E&theme=%22onload%3Dwindow.pwned%3D1"))
	part.say("hello")
	part.expect("<img src=x onerror=window.pwned=1>: hello")
	harmless(t, part)
}

// harmless expects that nothing has run, and that the log is made of what it is
// always made of.
func harmless(t *testing.T, part *connectedPart) {
	t.Helper()
	if chromium.Eval[bool](part.Frame, `"pwned" in window`) {
		t.Error("a text ran as a script")
	}
	made := chromium.Eval[[]string](part.Frame, `[...new Set([...document.querySelectorAll("[role=log] *")].map(e => e.localName))].sort()`)
	if got := strings.Join(made, " "); got != "bdi li span strong ul" {
		t.Errorf("the log is made of %s", got)
	}
	for _, c := range part.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}
