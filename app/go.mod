module partline.dev/app

go 1.26

require (
	github.com/maxence-charriere/go-app/v10 v10.1.11
	go.uber.org/goleak v1.3.0
	partline.dev/shared v0.0.0
	partline.dev/wasmclient v0.0.0
)

replace (
	partline.dev/internal => ../internal
	partline.dev/shared => ../shared
	partline.dev/wasmclient => ../wasmclient
)
