// Command gateway stands in for the gateway in tests of the build.
package main

func main() { println("gateway") }
