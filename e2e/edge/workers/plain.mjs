// A room in plain JavaScript, with the least that it can do: what one member says is
// read, and every member is given the same bytes as by the Go room. It knows one call,
// and members of two kinds.
import { DurableObject } from "cloudflare:workers";

const end = "\x1e";
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Plain extends DurableObject {
  #text = [];
  #binary = [];

  constructor(ctx, env) {
    super(ctx, env);
    for (const socket of ctx.getWebSockets()) this.#add(socket);
  }

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  #add(socket) {
    const protocol = socket.deserializeAttachment();
    if (protocol) (protocol === "json" ? this.#text : this.#binary).push(socket);
  }

  webSocketMessage(socket, message) {
    const binary = typeof message !== "string";
    if (!socket.deserializeAttachment()) {
      const { protocol } = JSON.parse((binary ? decoder.decode(message) : message).slice(0, -1));
      socket.serializeAttachment(protocol);
      socket.send("{}" + end);
      this.#add(socket);
      return;
    }
    const [name, text] = binary ? unpack(new Uint8Array(message)) : JSON.parse(message.slice(0, -1)).arguments;
    if (this.#text.length > 0) {
      const said = JSON.stringify({ type: 1, target: "broadcastMessage", arguments: [name, text] }) + end;
      for (const one of this.#text) one.send(said);
    }
    if (this.#binary.length > 0) {
      const said = pack(name, text);
      for (const one of this.#binary) one.send(said);
    }
  }

  webSocketClose(socket, code) {
    for (const list of [this.#text, this.#binary]) {
      const i = list.indexOf(socket);
      if (i >= 0) list.splice(i, 1);
    }
    socket.close(code, "");
  }
}

// unpack is the two arguments of a call in MessagePack: [1, {}, nil, target, [name, text]].
function unpack(bytes) {
  let at = 0;
  while (bytes[at++] & 0x80); // the length
  at += 4; // an array, 1, no headers, no id
  const target = text();
  if (target !== "Send") throw new Error(`no method ${target}`);
  at += 1;
  return [text(), text()];

  function text() {
    let length = bytes[at++];
    if (length === 0xd9) length = bytes[at++];
    else length &= 0x1f;
    at += length;
    return decoder.decode(bytes.subarray(at - length, at));
  }
}

// pack is the event in MessagePack: [1, {}, nil, "broadcastMessage", [name, text], []].
function pack(...values) {
  const parts = [[0x96, 1, 0x80, 0xc0], ...text("broadcastMessage"), [0x90 | values.length], ...values.flatMap(text), [0x90]];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length + (length < 0x80 ? 1 : 2));
  let at = 0;
  if (length < 0x80) bytes[at++] = length;
  else bytes.set([0x80 | (length & 0x7f), length >> 7], (at += 2) - 2);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;

  function text(value) {
    const bytes = encoder.encode(value);
    return [bytes.length < 32 ? [0xa0 | bytes.length] : [0xd9, bytes.length], bytes];
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };
