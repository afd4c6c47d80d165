//go:build !js

package client

import "time"

// recall and remember are the page's, and there is none here.
func recall(string) time.Time    { return time.Time{} }
func remember(string, time.Time) {}
