module partline.dev/server

go 1.26
