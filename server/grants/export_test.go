package grants

import "encoding/json"

// ParseGrant reads the payload of a ticket or session token and writes it again.
func ParseGrant(payload []byte) (again []byte, err error) {
	g, err := parseGrant(payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(g)
}
