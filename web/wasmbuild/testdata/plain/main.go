// Command plain is a program without a part.
package main

func main() { println("plain") }
