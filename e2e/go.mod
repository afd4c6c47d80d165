module partline.dev/e2e

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.22.1
	github.com/coder/websocket v1.8.15
	go.uber.org/goleak v1.3.0
	partline.dev/internal v0.0.0
	partline.dev/server v0.0.0
	partline.dev/shared v0.0.0
	partline.dev/wasmclient v0.0.0
	partline.dev/web v0.0.0
)

require github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect

replace (
	partline.dev/app => ../app
	partline.dev/internal => ../internal
	partline.dev/server => ../server
	partline.dev/shared => ../shared
	partline.dev/wasmclient => ../wasmclient
	partline.dev/web => ../web
)
