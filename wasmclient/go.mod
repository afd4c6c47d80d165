module partline.dev/wasmclient

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	go.uber.org/goleak v1.3.0
	partline.dev/shared v0.0.0
)

replace partline.dev/shared => ../shared
