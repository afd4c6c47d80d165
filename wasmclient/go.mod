module partline.dev/wasmclient

go 1.26
