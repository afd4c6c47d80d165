package contracttest

// Compare is Golden without the test and the flag.
var Compare = golden

var ErrStale = errStale
