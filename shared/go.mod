module partline.dev/shared

go 1.26
