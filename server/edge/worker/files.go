// Package worker holds the Workers' JavaScript, and the files by which wrangler
// deploys them; package bundle puts them beside the programs of Go. Also in its folder
// are what npm brings, wrangler with workerd in it, and serve.mjs, which runs both
// Workers on this machine: they stay there.
//
//	script, err := fs.ReadFile(worker.Files(), "room.mjs")
//
// Concurrency: everything is embedded and never changes. Nothing blocks.
package worker

import (
	"embed"
	"io/fs"
)

//go:embed exec.mjs gateway.mjs room.mjs sockets.mjs storage.mjs wrangler.gateway.jsonc wrangler.room.jsonc
var files embed.FS

// Files are the modules, *.mjs, and wrangler.{worker}.jsonc of each of the Workers
// gateway and room, in which the text {{VARS}} stands for the Worker's variables.
func Files() fs.FS { return files }
