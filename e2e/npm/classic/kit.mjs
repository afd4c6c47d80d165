// What every test of the classic suites has at hand: connections of the page's
// jQuery client over its cell's transport, that end with the test.
import { Queue, equal, within } from "/suite/kit.mjs";

/**
 * Cell is one place of the matrix: which client is in the page, over which
 * transport.
 */
export class Cell {
  /**
   * place says where: {base, control, blocking, client, transport}. blocking is
   * the address of the hubs behind a proxy that refuses the transports that the
   * client tries before the cell's.
   */
  constructor(place) {
    Object.assign(this, place);
    this.old = this.client === "2.2.1";
  }

  /** over tells whether the cell's transport is one of these. */
  over(...names) {
    return names.includes(this.transport);
  }

  /** begin forgets the test before. */
  begin() {
    this.links = [];
    this.log = [];
  }

  /** end stops what the test has left. */
  async end() {
    for (const link of this.links) link.connection.stop();
  }

  /**
   * open makes a link that is not started: {connection}, and each hub of the
   * generated script by its name. Its handlers are its user's to set.
   */
  open(path = "/signalr", settings) {
    const connection = $.hubConnection(this.base + path, { useDefaultPath: false, ...settings });
    return this.keep({ connection, ...connection.createHubProxies() });
  }

  /** openRaw makes a link to a persistent connection; heard has what arrives. */
  openRaw(path, settings) {
    const connection = $.connection(this.base + path, settings?.qs);
    const link = this.keep({ connection, heard: new Queue("what the persistent connection sends") });
    connection.received((data) => link.heard.push(data));
    return link;
  }

  keep(link) {
    const { connection } = link;
    link.errors = [];
    link.states = [];
    link.reconnected = new Queue("reconnected");
    link.ended = new Queue("disconnected");
    connection.log = (text) => this.log.push(`${connection.id ?? ""} ${text}`);
    connection.error((error) => link.errors.push(String(error?.message ?? error)));
    connection.stateChanged((change) => link.states.push(stateNames[change.newState]));
    connection.reconnected(() => link.reconnected.push(connection.id));
    connection.disconnected(() => link.ended.push(connection.id));
    this.links.push(link);
    return link;
  }

  /** start starts a link over the cell's transport. */
  async start(link, options) {
    await within(promise(link.connection.start({ transport: this.transport, ...options })), "the start");
    if (!options?.transport) equal(link.connection.transport.name, this.transport, "the transport");
    return link;
  }

  /**
   * connect makes a link with handlers, of each hub an object of them, and starts
   * it. Without handlers it hears the messages of the hub test.
   */
  async connect(handlers = { test: { message() {} } }, path, settings) {
    const link = this.open(path, settings);
    for (const [hub, client] of Object.entries(handlers)) Object.assign(link[hub].client, client);
    return this.start(link);
  }

  /** lives are what the hub with the lives has seen of a connection, once there are so many. */
  async lives(id, count) {
    const reply = await fetch(`${this.base}/lives?id=${id}&count=${count}`);
    return reply.json();
  }

  /** token asks the test server for a bearer token. */
  async token(query) {
    const reply = await fetch(`${this.base}/token?${query}`);
    return reply.text();
  }

  /**
   * cut resets every link of the cell. A browser asks once more by itself when a
   * connection breaks that it has used before, as a poll's is: then the next one
   * breaks too.
   */
  async cut() {
    const query = this.over("longPolling") ? "?next" : "";
    const reply = await fetch(`${this.control}${this.cutPath ?? "/cut"}${query}`, { method: "POST" });
    equal(reply.status, 200, "the status of a cut");
  }
}

const stateNames = { 0: "connecting", 1: "connected", 2: "reconnecting", 4: "disconnected" };

/** sleep is for so many ms. */
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** promise makes an ordinary promise of one of jQuery's, whose older ones are not. */
export function promise(deferred) {
  return new Promise((resolve, reject) => {
    deferred.done(resolve).fail(reject);
  });
}

/** hear gives a hub's proxy a handler whose calls are in the queue it returns. */
export function hear(proxy, event) {
  const heard = new Queue(event);
  proxy.client[event] = (...args) => heard.push(args.length > 1 ? args : args[0]);
  return heard;
}

/** rejection is the error that one of jQuery's promises ends with. */
export async function rejection(deferred) {
  let result;
  try {
    result = await within(promise(deferred), "an error");
  } catch (error) {
    return error;
  }
  throw new Error(`the error did not come: the result is ${JSON.stringify(result)}`);
}

/** fails throws unless one of jQuery's promises is rejected with the message. */
export async function fails(deferred, message, what = "the error") {
  const error = await rejection(deferred);
  equal(String(error?.message ?? error), message, what);
  return error;
}
