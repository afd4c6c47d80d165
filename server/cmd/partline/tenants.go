package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"

	"partline.dev/server/tenants"
	"partline.dev/server/yamlfile"
)

// tenantsCommand is what can be done with a file of tenants.
type tenantsCommand struct {
	Check checkTenantsCommand `cmd:"" help:"Say what is wrong with a file of tenants, line by line, or in words what each of them allows."`
}

// checkTenantsCommand is the flags of partline tenants check.
type checkTenantsCommand struct {
	File string `arg:"" help:"The file, as serve --tenants takes it."`
}

// Run checks.
func (c *checkTenantsCommand) Run() error {
	file, err := tenants.Open(slog.New(slog.DiscardHandler), c.File)
	if wrong := yamlfile.Mistakes(nil); errors.As(err, &wrong) {
		return fmt.Errorf("what is wrong:\n%w", err)
	}
	if err != nil {
		return err
	}
	fmt.Print(file.Now())
	return nil
}

// embedKeyCommand makes an embed key.
type embedKeyCommand struct{}

// Run makes it.
func (*embedKeyCommand) Run() error {
	fmt.Println(tenants.NewEmbedKey())
	return nil
}

// apiKeyCommand is the flags of partline api-key.
type apiKeyCommand struct {
	Name string `required:"" help:"What to call the key, to tell it from others in the file and in logs." placeholder:"NAME"`
}

// Run makes the key.
func (c *apiKeyCommand) Run() error {
	secret, digest := tenants.NewAPIKey()
	line, err := apiKeyLine(c.Name, digest)
	if err != nil {
		return err
	}
	fmt.Printf("the secret, which is told this once; give it to the program that needs it:\n%s\nand this line to the file, under api-keys of the tenant:\n%s\n", secret, line)
	return nil
}

// apiKeyLine is the line for the file of tenants, with the name in quotes if it
// would be something else without.
func apiKeyLine(name, digest string) (string, error) {
	for _, written := range []string{name, strconv.Quote(name)} {
		line := fmt.Sprintf("- {name: %s, sha256: %s}", written, digest)
		book, err := tenants.Read([]byte("tenants:\n  some:\n    api-keys:\n    " + line + "\n"))
		if err == nil && slices.Equal(book.Only().APIKeys, []tenants.APIKey{{Name: name, SHA256: digest}}) {
			return line, nil
		}
	}
	return "", fmt.Errorf("--name %q cannot be the name of a key: it has 1 to 255 bytes, and no character that cannot be seen", name)
}
