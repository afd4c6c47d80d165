package main

import (
	"fmt"

	"partline.dev/server"
)

// dataFlags say where what outlives the program is.
type dataFlags struct {
	Data string `help:"The folder of what outlives the program, made if it is not there. Default: ./partline-data, with --dev ./partline-dev-data." placeholder:"DIR"`
	Keys string `help:"The file of the keys that the server signs with, made if it is not there; nodes that share it verify what the others have signed. Default: keys in --data." placeholder:"FILE"`
}

// data is the folder.
func (f *dataFlags) data(dev bool) string {
	switch {
	case f.Data != "":
		return f.Data
	case dev:
		return "partline-dev-data"
	}
	return "partline-data"
}

// keysCommand is what can be done with the keys.
type keysCommand struct {
	Rotate rotateCommand `cmd:"" help:"Make a new key. Running servers follow within seconds. The key before stays good for what it has signed; the one before that ends: do it at most once a day."`
}

// rotateCommand is the flags of partline keys rotate.
type rotateCommand struct {
	dataFlags
}

// Run rotates.
func (c *rotateCommand) Run() error {
	if err := server.RotateKeys(c.data(false), c.Keys); err != nil {
		return fmt.Errorf("keys rotate: %w", err)
	}
	fmt.Println("there is a new key; running servers use it within seconds")
	return nil
}
