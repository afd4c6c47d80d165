package worker_test

import (
	"strings"
	"testing"
)

// What a full disk says is SQLite's to say; here a stand-in says it.
func TestStorage_tellsWhatGoesWrong(t *testing.T) {
	said := node(t, "--input-type=module", "--eval", `
import { Storage } from "./storage.mjs";
const storage = new Storage({
  exec(query) {
    if (query.startsWith("INSERT")) throw new Error("database or disk is full: SQLITE_FULL");
    if (query.startsWith("CREATE")) return [];
    throw new Error("disk I/O error: SQLITE_IOERR");
  },
});
console.log(JSON.stringify([storage.put("a", new Uint8Array(1)), storage.get("a"), storage.delete("a"), storage.list("a", "b", 1)]));
`)
	const broken = `"Error: disk I/O error: SQLITE_IOERR"`
	if want := `["full",` + strings.Join([]string{broken, broken, broken}, ",") + "]"; strings.TrimSpace(string(said)) != want {
		t.Errorf("it says %s, not %s", said, want)
	}
}
