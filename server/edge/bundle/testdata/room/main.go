// Command room stands in for a room in tests of the build.
package main

func main() { println("room") }
