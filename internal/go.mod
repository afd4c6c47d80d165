module partline.dev/internal

go 1.26
