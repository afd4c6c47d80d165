module partline.dev/web

go 1.26
