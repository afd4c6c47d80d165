// The Worker partline-room: a Durable Object in which a room lives. What happens is
// Go's to decide; this hands events in and carries out what comes back.
import { DurableObject } from "cloudflare:workers";
import module from "./room.wasm";
import { start } from "./exec.mjs";
import { Sockets, end } from "./sockets.mjs";
import { Storage } from "./storage.mjs";

// ping is a client's of JSON, and what answers it while the room is not in memory.
const ping = '{"type":6}\x1e';

const ended = "the room's program has ended";

// Text as it is: a mark at its beginning is part of it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export class Room extends DurableObject {
  #sockets = new Sockets();
  #program;
  #room; // what Go is asked
  #idle = null; // while something runs: settled when it has ended
  #soon = false;
  #burst = false; // a message came in this turn
  #held = false; // what others led to waits
  #dead = false;

  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(ping, ping));
    const host = this.#host(new Storage(ctx.storage.sql));
    const started = start(module, { partlineRoom: host }, (program) => this.#imports(program));
    this.#program = started.program;
    this.#room = host.room;
    if (!this.#room) throw new Error("the room's program did not start; what it said is above");
    started.ended.then(() => this.#died(), (error) => this.#died(error));
    for (const socket of ctx.getWebSockets()) this.#restore(socket);
    this.#flush();
  }

  // fetch is a WebSocket's beginning, or a question of the gateway.
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.headers.get("Upgrade")?.toLowerCase() === "websocket") {
      const hub = pathname.replace(/\/$/, "").split("/").pop();
      return this.#connect(hub, searchParams.get("id") ?? "", request.headers.get("Origin") ?? "");
    }
    const question = new Uint8Array(await request.arrayBuffer());
    const [status, reply] = this.#call(() => this.#room.ask(pathname, question));
    this.#flush();
    return new Response(reply, { status, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
  }

  #connect(hub, token, origin) {
    const [client, server] = Object.values(new WebSocketPair());
    const number = this.#sockets.add(server);
    const refusal = this.#call(() => this.#room.connect(number, hub, token, origin));
    if (refusal) {
      this.#sockets.remove(server);
      return refused(...refusal);
    }
    this.ctx.acceptWebSocket(server);
    this.#flush();
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, message) {
    const number = this.#restore(socket);
    if (number === undefined) return undefined;
    const bytes = typeof message === "string" ? encoder.encode(message) : new Uint8Array(message);
    const alone = !this.#burst;
    const busy = this.#call(() => this.#room.message(number, bytes, bytes.length, alone));
    if (alone) this.#listen();
    else this.#held = true;
    return this.#settle(busy);
  }

  // listen waits for what comes at the same time. What a first message leads to is sent
  // at once, and what others lead to that follow it before the next turn all together.
  #listen() {
    this.#burst = true;
    setTimeout(() => {
      this.#burst = false;
      if (!this.#held || this.#dead) return;
      this.#held = false;
      this.#listen();
      this.#flush();
    }, 0);
  }

  webSocketClose(socket, code, reason, clean) {
    return this.#closed(socket, code, clean);
  }

  webSocketError(socket) {
    return this.#closed(socket, 1006, false);
  }

  #closed(socket, code, clean) {
    const number = this.#restore(socket);
    end(socket, code);
    if (number === undefined) return undefined;
    this.#sockets.remove(socket);
    this.#call(() => this.#room.closed(number, code, clean));
    return this.#flush();
  }

  alarm() {
    this.#call(() => this.#room.alarm());
    return this.#flush();
  }

  // restore is the number of a socket. One that is new to this program was there
  // before it: its state tells Go of it.
  #restore(socket) {
    const number = this.#sockets.number(socket);
    if (number !== undefined) return number;
    const state = socket.deserializeAttachment();
    if (!state) return undefined; // the room has closed it
    const given = this.#sockets.add(socket);
    this.#call(() => this.#room.restore(given, state));
    return this.#sockets.number(socket);
  }

  // flush sends what is queued, after every event. While something runs it returns a
  // promise of its end, for the object has to stay in memory: it does as long as an
  // event is not over.
  #flush() {
    return this.#settle(this.#call(() => this.#room.flush()));
  }

  #settle(busy) {
    if (busy) {
      this.#idle ??= Promise.withResolvers();
      return this.#idle.promise;
    }
    this.#idle?.resolve();
    this.#idle = null;
    return undefined;
  }

  #resume() {
    this.#soon = false;
    if (this.#dead) return;
    this.#call(() => this.#room.resume());
    this.#flush();
  }

  // call asks Go. A program that has ended, or answers nothing since it has failed,
  // ends the object with it.
  #call(ask) {
    if (this.#dead) throw new Error(ended);
    let reply;
    try {
      reply = ask();
    } catch (error) {
      this.#died(error);
      throw error;
    }
    if (reply === undefined || this.#program.exited) {
      this.#died();
      throw new Error(ended);
    }
    return reply;
  }

  // died ends an object without a program: clients connect anew, and the next request
  // makes a new one.
  #died(error) {
    if (this.#dead) return;
    this.#dead = true;
    console.error(`${ended}; the room begins anew`, error ?? "");
    for (const socket of this.ctx.getWebSockets()) end(socket, 1011, "");
    this.#idle?.resolve();
    // The closes leave before the object ends.
    setTimeout(() => this.ctx.abort(ended), 0);
  }

  // host is what Go is given, and where it leaves what it is asked by.
  #host(storage) {
    const { ctx, env } = this;
    return {
      id: ctx.id.toString(),
      config: Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value === "string")),
      log: (level, text) => (console[level.toLowerCase()] ?? console.log)(text),
      attach: (number, state) => this.#sockets.attach(number, state.slice()),
      close: (number, code, text) => this.#sockets.close(number, code, text),
      // An alarm that cannot be kept ends the object, as a write that cannot does.
      alarm: (at) => void ctx.storage.setAlarm(at),
      soon: () => {
        if (!this.#soon) setTimeout(() => this.#resume(), 0);
        this.#soon = true;
      },
      get: (key) => storage.get(key),
      put: (key, value) => storage.put(key, value),
      delete: (key) => storage.delete(key),
      list: (first, last, limit) => storage.list(first, last, limit),
    };
  }

  // imports are functions that Go calls with numbers alone, and what is changed of
  // those of wasm_exec.js.
  #imports(program) {
    const { gojs } = program.importObject;
    const schedule = gojs["runtime.scheduleTimeoutEvent"];
    let told = false;
    return {
      gojs: {
        ...gojs,
        "runtime.scheduleTimeoutEvent": (stack) => {
          if (!told) console.warn("a Go timer keeps this room in memory");
          told = true;
          schedule(stack);
        },
      },
      partline: {
        now: () => Date.now(),
        send: (numbers, count, binary, message, length) => {
          const { buffer } = program._inst.exports.mem;
          // Go goes on with its memory while the message is on its way.
          const bytes = new Uint8Array(buffer, message, length);
          this.#sockets.send(new Int32Array(buffer, numbers, count), binary ? bytes.slice() : decoder.decode(bytes));
        },
      },
    };
  }
}

function refused(status, text, retry) {
  const headers = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };
  if (retry > 0) headers["Retry-After"] = String(retry);
  return new Response(`${text}\n`, { status, headers });
}

// Nobody reaches this Worker but by the binding of the gateway.
export default {
  fetch: () => new Response(null, { status: 404 }),
};
