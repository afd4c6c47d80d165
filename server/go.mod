module partline.dev/server

go 1.26

require (
	go.uber.org/goleak v1.3.0
	partline.dev/shared v0.0.0
)

replace (
	partline.dev/app => ../app
	partline.dev/internal => ../internal
	partline.dev/shared => ../shared
	partline.dev/wasmclient => ../wasmclient
	partline.dev/web => ../web
)
