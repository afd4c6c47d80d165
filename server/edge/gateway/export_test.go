package gateway

import "partline.dev/server/front"

// HubName is the name of the hub whose address path is.
func HubName(path string) (name string, ok bool) { return hubName(path) }

// ReadAnswer reads what an object has answered.
func ReadAnswer(status int, reply []byte, answer any) (*front.Refusal, error) {
	return readAnswer(status, reply, answer)
}
