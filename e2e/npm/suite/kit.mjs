// What every test of the suites has at hand: connections of its cell of the
// matrix, that end with the test, and ways to say what must be.

/** How long a test waits for one thing, in ms, and how long it may take. */
const patience = 15_000;
export const testGuard = 30_000;

/** The names of HttpTransportType. */
export const transports = ["WebSockets", "ServerSentEvents", "LongPolling"];

/**
 * Cell is one place of the matrix: where the client runs, over which transport,
 * in which protocol.
 */
export class Cell {
  /**
   * place says where: {base, control, platform, transport, protocol}, and what the
   * client has there: {signalR, msgpack, HttpConnection, XhrHttpClient, WebSocket}.
   * The transport "automatic" leaves it to the client. Where the hubs are in a room at
   * the edge, it has {tokens, hubs, origin} too: who gives tokens, where the hubs are
   * by their paths at home, and whose page a client in Node would be.
   */
  constructor(place) {
    Object.assign(this, place);
    this.binary = this.protocol === "messagepack";
    this.browser = this.platform === "Chromium";
    this.edge = Boolean(this.hubs);
  }

  /** over tells whether the cell's transport is one of these. */
  over(...names) {
    return names.includes(this.transport);
  }

  hubProtocol() {
    return this.binary
      ? new this.msgpack.MessagePackHubProtocol()
      : new this.signalR.JsonHubProtocol();
  }

  /** begin forgets the test before. */
  begin() {
    this.connections = [];
    this.log = [];
    this.logger = { log: (_, text) => this.log.push(text) };
  }

  /** end stops what the test has left. */
  async end() {
    await Promise.allSettled(this.connections.map((c) => c.stop()));
  }

  options(more = {}) {
    const transport = this.signalR.HttpTransportType[this.transport];
    const headers = this.origin && { headers: { Origin: this.origin, ...more.headers } };
    return { ...(transport && { transport }), ...more, ...headers };
  }

  /** address is where the hub is that has the path at home. */
  address(path) {
    const [hub, query] = path.split("?");
    const there = this.hubs?.[hub] ?? this.base + hub;
    return query ? `${there}?${query}` : there;
  }

  /**
   * build makes a connection that is not started. closes are the errors of its
   * onclose, undefined ones too.
   */
  build(path = "/testhub", { options, configure } = {}) {
    const builder = new this.signalR.HubConnectionBuilder()
      .withUrl(this.address(path), this.options(options))
      .withHubProtocol(this.hubProtocol())
      .configureLogging(this.logger);
    configure?.(builder);
    const connection = builder.build();
    connection.closes = new Queue("onclose");
    connection.onclose((error) => connection.closes.push(error));
    this.connections.push(connection);
    return connection;
  }

  /** connect makes a connection and starts it. */
  async connect(path, how) {
    const connection = this.build(path, how);
    await connection.start();
    return connection;
  }

  /** token asks for a bearer token. */
  async token(query) {
    const reply = await fetch(`${this.tokens ?? this.base}/token?${query}`);
    return reply.text();
  }

  /** cut resets every link of the cell. */
  async cut() {
    const reply = await fetch(`${this.control}/cut`, { method: "POST" });
    equal(reply.status, 200, "the status of a cut");
  }

  /** named gives an object the names that its properties have on this wire. */
  named(object) {
    if (this.binary) return object;
    return Object.fromEntries(
      Object.entries(object).map(([name, value]) => [camel(name), value]),
    );
  }

  /** bytes are what the protocol has for bytes: base64 in JSON. */
  bytes(...values) {
    return this.binary
      ? Uint8Array.from(values)
      : btoa(String.fromCharCode(...values));
  }

  /** moment is what the protocol has for a time. */
  moment(text) {
    return this.binary ? new Date(text) : text;
  }
}

/** camel is a name as the camelCase policy of System.Text.Json writes it. */
function camel(name) {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (c) => c.toLowerCase());
}

/** Queue is what has happened, in order, for a test that waits for it. */
export class Queue {
  constructor(what) {
    this.what = what;
    this.items = [];
    this.waiting = [];
    this.watching = [];
  }

  push(item) {
    for (const seen of this.watching.splice(0)) seen();
    const next = this.waiting.shift();
    if (next) next(item);
    else this.items.push(item);
  }

  /** next is the oldest that nobody has seen, now or when it comes. */
  next() {
    if (this.items.length > 0) return Promise.resolve(this.items.shift());
    return within(new Promise((seen) => this.waiting.push(seen)), this.what);
  }

  /** some resolves when there is something that nobody has taken. */
  some() {
    if (this.items.length > 0) return Promise.resolve();
    return new Promise((seen) => this.watching.push(seen));
  }

  /** take is the next so many. */
  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }
}

/** hear gives a connection a handler whose calls are in the queue it returns. */
export function hear(connection, method) {
  const heard = new Queue(method);
  connection.on(method, (...args) => heard.push(args[0]));
  return heard;
}

/** collect reads a stream to its end: {items, error}. */
export function collect(stream, each) {
  const items = [];
  return within(
    new Promise((done) => {
      stream.subscribe({
        next: (item) => {
          items.push(item);
          each?.(item);
        },
        complete: () => done({ items }),
        error: (error) => done({ items, error }),
      });
    }),
    "the end of a stream",
  );
}

/** within rejects when a promise takes longer than anything here may. */
export function within(promise, what, guard = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: not within ${guard} ms`)),
      guard,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** equal throws unless two values are the same, all the way down. */
export function equal(got, want, what = "the value") {
  if (!same(got, want))
    throw new Error(`${what} is ${show(got)}, want ${show(want)}`);
}

/** truth throws unless a condition holds. */
export function truth(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** fails throws unless a promise is rejected with the message, to the letter. */
export async function fails(promise, message, what = "the error") {
  let error;
  try {
    const result = await promise;
    throw new Error(`${what} did not come: the result is ${show(result)}`);
  } catch (e) {
    error = e;
  }
  equal(String(error?.message ?? error), message, what);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (a instanceof Uint8Array !== b instanceof Uint8Array) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

function show(value) {
  if (value instanceof Error) return `error ${JSON.stringify(value.message)}`;
  if (value === undefined) return "undefined";
  const text = JSON.stringify(value, (_, v) =>
    typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? [...v] : v,
  );
  return text.length > 500 ? `${text.slice(0, 500)}… (${text.length})` : text;
}
