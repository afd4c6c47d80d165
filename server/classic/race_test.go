//go:build race

package classic_test

// raceDetector tells that what memory costs is partly the race detector's.
const raceDetector = true
