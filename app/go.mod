module partline.dev/app

go 1.26.0

require (
	github.com/maxence-charriere/go-app/v10 v10.1.11
	go.uber.org/goleak v1.3.0
	partline.dev/internal v0.0.0
	partline.dev/shared v0.0.0
	partline.dev/wasmclient v0.0.0
)

require (
	github.com/coder/websocket v1.8.15 // indirect
	github.com/google/uuid v1.6.0 // indirect
)

replace (
	partline.dev/internal => ../internal
	partline.dev/shared => ../shared
	partline.dev/wasmclient => ../wasmclient
)
