// Which transport it is, and what is the transports' own.
import { Queue, collect, equal, fails, truth } from "./kit.mjs";

const chooses = (cell) =>
  cell.over("automatic") ? "" : "the client must be free to choose the transport; the column automatic has it";

const chosen = (cell) =>
  cell.over("automatic") ? "the columns with a transport of their own have it" : "";

/** raw is why there are no raw connections in a cell. */
const raw = (cell) => (cell.edge ? "a room has hubs, and no connections of another kind" : "");

export const tests = [
  {
    name: "the transport that was asked for",
    not: chosen,
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("Claim", "transport"), cell.transport);
    },
  },
  {
    name: "WebSockets, when the client may choose",
    not: chooses,
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("Claim", "transport"), "WebSockets");
    },
  },
  {
    name: "a hub without WebSockets",
    not: (cell) => (cell.edge ? "a room has WebSockets, and nothing else" : ""),
    async run(cell) {
      const path = "/testhub-nowebsockets";
      const sse = cell.binary ? "LongPolling" : "ServerSentEvents";
      if (cell.over("WebSockets")) {
        const reasons = ["ServerSentEvents", "LongPolling"].map(disabled).join(" ");
        await fails(cell.connect(path), none + reasons);
        return;
      }
      const c = await cell.connect(path);
      equal(await c.invoke("Claim", "transport"), cell.over("automatic") ? sse : cell.transport);
      equal(await c.invoke("Echo", "a"), "a");
      equal(await collect(c.stream("Letters")), { items: ["a", "b", "c"] });
    },
  },
  {
    name: "WebSockets fail: the next transport",
    not: chooses,
    async run(cell) {
      class Blocked {
        constructor() {
          throw new Error("WebSockets are blocked");
        }
      }
      const c = await cell.connect("/testhub", { options: { WebSocket: Blocked } });
      const want = cell.binary ? "LongPolling" : "ServerSentEvents";
      equal(await c.invoke("Claim", "transport"), want);
      equal(await c.invoke("Echo", "a"), "a");
      const d = await cell.connect("/testhub", {
        options: { WebSocket: Blocked, EventSource: Blocked },
      });
      equal(await d.invoke("Claim", "transport"), "LongPolling");
      equal(await d.invoke("Echo", "a"), "a");
    },
  },
  {
    name: "MessagePack over server-sent events is refused",
    impossible: true,
    not: (cell) =>
      cell.binary && cell.over("ServerSentEvents") ? "" : "it is about MessagePack over server-sent events",
    async run(cell) {
      await fails(
        cell.connect(),
        none +
          [
            disabled("WebSockets"),
            "ServerSentEvents failed: Error: 'ServerSentEvents' does not support Binary.",
            disabled("LongPolling"),
          ].join(" "),
      );
    },
  },
  {
    name: "no negotiation, and a reconnect",
    not: (cell) => (cell.over("WebSockets") ? "" : "only WebSockets go without a negotiation"),
    async run(cell) {
      const c = cell.build("/testhub", {
        options: { skipNegotiation: true },
        configure: (b) => b.withAutomaticReconnect([0, 0, 200]),
      });
      const back = new Queue("onreconnected");
      c.onreconnected((id) => back.push(id));
      equal(c.connectionId, null);
      await c.start();
      equal(c.connectionId, null);
      c.serverTimeout();
      equal(await back.next(), undefined, "the id");
      equal(await c.invoke("Echo", "a"), "a");
      equal((await c.invoke("ConnectionID")).length > 0, true);
      await c.stop();
      equal(c.connectionId, null);
    },
  },
  {
    name: "long polling ends with a DELETE, and its poll",
    not: (cell) => (cell.over("LongPolling") ? "" : "only long polling has a DELETE"),
    async run(cell) {
      const { DefaultHttpClient, HttpClient, NullLogger } = cell.signalR;
      const inner = new DefaultHttpClient(NullLogger.instance);
      const requests = [];
      let poll;
      class Watching extends HttpClient {
        async send(request) {
          const reply = inner.send(request);
          if (request.method === "GET") poll = reply;
          const note = ({ statusCode }) => requests.push(`${request.method} ${statusCode}`);
          await reply.then(note, note);
          return reply;
        }
        getCookieString(url) {
          return inner.getCookieString(url);
        }
      }
      const c = await cell.connect("/testhub", { options: { httpClient: new Watching() } });
      equal(await c.invoke("Echo", "a"), "a");
      truth(poll, "a poll waits");
      await c.stop();
      await poll.catch(() => {}); // the client may have aborted it: no status
      equal(requests.slice(0, 2), ["POST 200", "GET 200"], "the first requests");
      // The client has said Close before; the connection may be over for that.
      truth(["DELETE 202", "DELETE 404"].includes(requests.at(-1)), requests.join(", "));
      truth(
        requests.slice(1, -1).every((r) => ["GET 200", "POST 200", "GET 204", "GET undefined"].includes(r)),
        requests.join(", "),
      );
      equal(await c.closes.next(), undefined, "onclose's error");
    },
  },
  {
    name: "raw connections",
    not: (cell) =>
      raw(cell) || (cell.binary ? "a raw connection has no hub protocol; the JSON columns have it" : ""),
    async run(cell) {
      const connection = new cell.HttpConnection(
        `${cell.base}/echo`,
        cell.options({ logger: cell.logger }),
      );
      const said = new Queue("an echo");
      const closed = new Queue("onclose");
      connection.onreceive = (data) => said.push(data);
      connection.onclose = (error) => closed.push(error);
      await connection.start(cell.signalR.TransferFormat.Text);
      for (const text of ["Hello World!", "日本語", "two\nlines", "x".repeat(20_000)]) {
        await connection.send(text);
        let got = "";
        while (got.length < text.length) got += await said.next();
        equal(got, text);
      }
      await connection.stop();
      equal(await closed.next(), undefined, "onclose's error");
    },
  },
  {
    name: "raw connections of bytes",
    not: (cell) =>
      raw(cell) || (!cell.binary ? "bytes need a binary transfer format; the MessagePack columns have it" : ""),
    async run(cell) {
      const connection = new cell.HttpConnection(
        `${cell.base}/echo-bytes`,
        cell.options({ logger: cell.logger }),
      );
      const said = new Queue("an echo");
      connection.onreceive = (data) => said.push(new Uint8Array(data));
      connection.onclose = () => {};
      await connection.start(cell.signalR.TransferFormat.Binary);
      const bytes = Uint8Array.from({ length: 3_000 }, (_, i) => i % 256);
      await connection.send(bytes.buffer);
      const got = [];
      while (got.length < bytes.length) got.push(...(await said.next()));
      equal(Uint8Array.from(got), bytes);
      await connection.stop();
    },
  },
  {
    name: "a bare WebSocket",
    not: (cell) =>
      raw(cell) || (cell.over("WebSockets") && !cell.binary ? "" : "it has no transport to choose and no protocol; the WebSockets JSON columns have it"),
    async run(cell) {
      const socket = new cell.WebSocket(`${cell.base.replace(/^http/, "ws")}/echo`);
      const said = new Queue("an echo");
      const closed = new Queue("onclose");
      socket.onmessage = (event) => said.push(event.data);
      socket.onclose = ({ wasClean, code }) => closed.push({ wasClean, code });
      await new Promise((open, fail) => Object.assign(socket, { onopen: open, onerror: fail }));
      socket.send("Hello 世界");
      equal(await said.next(), "Hello 世界");
      socket.close();
      equal((await closed.next()).wasClean, true, "wasClean");
    },
  },
  {
    name: "by XMLHttpRequest",
    not: (cell) =>
      cell.browser ? "" : "XMLHttpRequest is a browser's",
    async run(cell) {
      const c = await cell.connect("/testhub", {
        options: { httpClient: new cell.XhrHttpClient(cell.logger) },
      });
      equal(await c.invoke("Echo", "你好"), "你好");
      equal(await collect(c.stream("Letters")), { items: ["a", "b", "c"] });
      await c.stop();
      equal(await c.closes.next(), undefined, "onclose's error");
    },
  },
  {
    name: "in a worker",
    not: (cell) => (cell.browser ? "" : "workers with the browser build are a browser's"),
    async run(cell) {
      const worker = new Worker("/suite/worker.js");
      const answers = new Queue("the worker's answer");
      worker.onmessage = (e) => answers.push(e.data);
      worker.onerror = (e) => answers.push(`error: ${e.message}`);
      const transport = cell.signalR.HttpTransportType[cell.transport];
      worker.postMessage({ url: cell.address("/testhub"), transport, protocol: cell.protocol });
      equal(await answers.next(), "from a worker");
      worker.terminate();
    },
  },
];

const none = "Unable to connect to the server with any of the available transports. ";

const disabled = (name) =>
  `${name} failed: Error: '${name}' is disabled by the client.`;
