package declared

import "partline.dev/server/yamlfile"

// reader reads one file of hubs.
type reader struct {
	yamlfile.Reader
	options *Options
	places  places
}
