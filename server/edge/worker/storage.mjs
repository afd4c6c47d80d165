// Storage is the object's own, as Go is given it: values by keys, which are ordered by
// their bytes. It is synchronous; what is written during one event is written as a
// whole, before anything that is sent afterwards leaves the object.
export class Storage {
  #sql;

  constructor(sql) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
  }

  // get is a key's value, or null.
  get(key) {
    for (const row of this.#sql.exec("SELECT v FROM kv WHERE k = ?", key)) return new Uint8Array(row.v);
    return null;
  }

  // put returns nothing, or "full", or what else went wrong.
  put(key, value) {
    try {
      this.#sql.exec("INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", key, value);
      return "";
    } catch (error) {
      return String(error).includes("SQLITE_FULL") ? "full" : String(error);
    }
  }

  delete(key) {
    this.#sql.exec("DELETE FROM kv WHERE k = ?", key);
  }

  // list is keys and values in turn, from first on and below end.
  list(first, end, limit) {
    const found = [];
    for (const row of this.#sql.exec("SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k LIMIT ?", first, end, limit)) {
      found.push(row.k, new Uint8Array(row.v));
    }
    return found;
  }
}
