package connected

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"partline.dev/app/part"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
)

// New is a part on a page, as part.Part.New makes it.
func New(p *part.Page) app.Composer { return &view{page: p} }

// Hear is what the hub's event does.
func Hear(c app.Composer, b connected.Broadcast) { c.(*view).heard(access.Person{}, b) }
