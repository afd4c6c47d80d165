module partline.dev/e2e

go 1.26
