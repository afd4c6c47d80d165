// Command wasm builds the WebAssembly program of a set of parts and leaves it in
// a folder that a server embeds. From the root of Partline:
//
//	go run ./web/cmd/wasm -package ./app/cmd/app -out web/dist -brotli 11
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"partline.dev/web/wasmbuild"
)

func main() {
	var o wasmbuild.Options
	flag.StringVar(&o.Package, "package", "./app/cmd/app", "the main package of the parts")
	flag.StringVar(&o.Out, "out", "web/dist", "the folder to write to")
	flag.IntVar(&o.Level, "brotli", 11, "the level of compression, 0 (quick) to 11 (small)")
	flag.Parse()
	o.Log = os.Stderr
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := wasmbuild.Run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "wasm:", err)
		stop()
		os.Exit(1)
	}
}
