// Package edge holds the black-box tests of what a room must hold under load: the real
// program under workerd, without a gateway before it.
//
//	go test ./e2e/edge -run TestEvicted -v
//
// In workers/ is what stands in for the gateway, and a room in plain JavaScript to
// compare with. The program is that of e2e/cmd/testroom. What needs a gateway is tested
// in package e2e.
package edge
