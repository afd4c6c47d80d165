// Package check runs the project's tests and says plainly what came of them:
// what is being run, every failure with its output, every skip with its reason,
// every sample with its seed, every table, and the totals.
//
//	r := check.NewReport(os.Stdout)
//	err := r.Read(output) // the output of go test -json
//	fmt.Println(r.Totals())
//
// [Plan] is the order of the steps for make unit, test, soak, fuzz and lint.
//
// Concurrency: a [Report] belongs to one goroutine. Steps run one after the
// other, and the go command uses the processors itself; of fuzz targets several
// run at a time, and what each says is printed in one piece.
//
// What blocks: every step waits for its command, which ends when the context
// does, with everything it started.
package check
