module partline.dev/app

go 1.26
