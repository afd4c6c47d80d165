module partline.dev/examples

go 1.26
