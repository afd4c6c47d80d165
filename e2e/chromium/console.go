package chromium

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// listen keeps what the frame complains about, also what it said before.
func (f *Frame) listen() {
	f.t.Helper()
	if err := chromedp.Listen(f.ctx, f.hear); err != nil {
		f.t.Fatalf("listen to %s: %v", f.what, err)
	}
	// Enabled anew, they tell what was said since the document began.
	call(f, runtime.Disable, cdp.Empty{})
	call(f, log.Disable, cdp.Empty{})
	f.mu.Lock()
	f.complaints = nil
	f.mu.Unlock()
	call(f, runtime.Enable, cdp.Empty{})
	call(f, log.Enable, cdp.Empty{})
}

// hear runs on the goroutine that reads from the browser.
func (f *Frame) hear(event any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	complain := func(format string, args ...any) {
		f.complaints = append(f.complaints, fmt.Sprintf(format, args...))
	}
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		complain("exception: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		f.console = append(f.console, words(e.Args))
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			complain("console.%s: %s", e.Type, words(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			complain("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		complain("dialog: %s", e.Message)
	}
}

// Complaints are the errors and warnings that the frame has met: exceptions,
// the console's, violations of the content security policy, requests that
// failed, and dialogs.
func (f *Frame) Complaints() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.complaints...)
}

func words(args []*runtime.RemoteObject) string {
	var text []string
	for _, a := range args {
		switch {
		case a.Description != "":
			text = append(text, a.Description)
		default:
			text = append(text, string(a.Value))
		}
	}
	return strings.Join(text, " ")
}
