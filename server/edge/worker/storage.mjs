// Storage is the object's own, as Go is given it: values by keys, which are ordered by
// their bytes. It is synchronous; what is written during one event is written as a
// whole, before anything that is sent afterwards leaves the object. What goes wrong is
// returned as text.
export class Storage {
  #sql;

  constructor(sql) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
  }

  // get is a key's value; null: there is none.
  get(key) {
    return attempt(() => {
      for (const { v } of this.#sql.exec("SELECT v FROM kv WHERE k = ?", key)) return new Uint8Array(v);
      return null;
    });
  }

  put(key, value) {
    return attempt(() => {
      this.#sql.exec("INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", key, value);
      return "";
    });
  }

  delete(key) {
    return attempt(() => {
      this.#sql.exec("DELETE FROM kv WHERE k = ?", key);
      return "";
    });
  }

  // list is keys and values in turn: those from first on and below end, limit of them
  // at most.
  list(first, end, limit) {
    return attempt(() => {
      const found = [];
      for (const { k, v } of this.#sql.exec("SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k LIMIT ?", first, end, limit)) {
        found.push(k, new Uint8Array(v));
      }
      return found;
    });
  }
}

// attempt is what a step returns, or what went wrong: "full", if no room is left.
function attempt(step) {
  try {
    return step();
  } catch (error) {
    return String(error).includes("SQLITE_FULL") ? "full" : String(error);
  }
}
