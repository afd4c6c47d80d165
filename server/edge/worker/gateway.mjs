// The Worker partline-gateway: pages and negotiations, each request in a program of Go
// of its own, and WebSockets, which are led on without one.
import module from "./gateway.wasm";
import { start } from "./exec.mjs";

// roomHeader is where Go names, by its token, the connection to which a WebSocket goes
// that came without one. It stays inside.
const roomHeader = "Partline-Room";

// token is what an address names a connection by: the id of its room's object, and a
// secret.
const token = /^([0-9a-f]{64})\./;

const plain = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

export default {
  async fetch(request, env, ctx) {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return outside(await ask(request, env, ctx));
    const url = new URL(request.url);
    if (env.ORIGIN) return origin(request, url, env.ORIGIN);
    const id = url.searchParams.get("id");
    if (id) return (await room(request, url, id, env)) ?? ask(request, env, ctx);
    const reply = await ask(request, env, ctx);
    const given = reply.headers.get(roomHeader);
    if (!given) return reply;
    url.searchParams.set("id", given);
    return room(request, url, given, env);
  },
};

// outside is an answer for whoever asked for no WebSocket, or for one and more.
function outside(reply) {
  return reply.headers.has(roomHeader) ? new Response("this is no request for a WebSocket\n", { status: 400, headers: plain }) : reply;
}

// room leads a WebSocket to the room of a connection; null: there can be no such room.
// Only its address and headers are passed on: nobody outside asks a room anything.
async function room(request, url, id, env) {
  let object;
  try {
    object = env.ROOMS.idFromString(token.exec(id)[1]);
  } catch {
    return null;
  }
  try {
    return await env.ROOMS.get(object).fetch(new Request(url, { headers: request.headers }));
  } catch (error) {
    console.error("a room did not answer:", error);
    return later("the room is not there now; try again");
  }
}

// origin leads a WebSocket to the server that has the hubs. Of where it comes from only
// the gateway says anything, as package gateway does of other requests.
async function origin(request, url, address) {
  const passed = new Request(address.replace(/\/$/, "") + url.pathname + url.search, { headers: request.headers, redirect: "manual" });
  const { headers } = passed;
  headers.delete("Forwarded");
  headers.delete("X-Forwarded-For");
  const from = headers.get("CF-Connecting-IP");
  if (from) headers.set("X-Forwarded-For", from);
  headers.set("X-Forwarded-Host", url.host);
  headers.set("X-Forwarded-Proto", url.protocol.slice(0, -1));
  try {
    return await fetch(passed);
  } catch (error) {
    console.error("the origin did not answer:", error);
    return later("the server of the hubs does not answer now; try again");
  }
}

function later(text) {
  return new Response(`${text}\n`, { status: 503, headers: { ...plain, "Retry-After": "1" } });
}

// ask has a new program of Go answer a request, as github.com/syumai/workers expects
// to be run.
async function ask(request, env, ctx) {
  const binding = {};
  const began = Promise.withResolvers();
  const own = { context: { env, ctx, binding }, tryCatch };
  const { ended } = start(module, own, () => ({ workers: { ready: began.resolve } }));
  const died = ended.then(() => Promise.reject(new Error("the gateway's program has ended")));
  died.catch(() => {}); // mostly it ends when it has answered
  try {
    await Promise.race([began.promise, died]);
    return await Promise.race([binding.handleRequest(request) ?? died, died]);
  } catch (error) {
    console.error("a request was not answered:", error);
    return later("the server is not there now; try again");
  }
}

// tryCatch lets Go see what a function of JavaScript throws.
function tryCatch(call) {
  try {
    return { result: call() };
  } catch (error) {
    return { error };
  }
}
