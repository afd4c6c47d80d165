// Requests that no client sends, beside clients that nothing of it may disturb.
import { equal, truth } from "/suite/kit.mjs";
import { hear, promise, rejection } from "./kit.mjs";

/** ask sends a request as the client would for a link, with other parameters. */
async function ask(cell, path, link, { body, ...parameters } = {}) {
  const { connection } = link;
  const query = new URLSearchParams({
    transport: cell.transport,
    clientProtocol: connection.clientProtocol,
    connectionToken: connection.token,
    connectionData: connection.data,
    ...parameters,
  });
  for (const [name, value] of Object.entries(parameters)) if (value === undefined) query.delete(name);
  const reply = await fetch(`${cell.base}/signalr${path}?${query}`, {
    method: "POST",
    body: new URLSearchParams(body),
  });
  return { status: reply.status, text: await reply.text() };
}

/** call is what a link would send to call Echo. */
const call = (text) => ({ data: JSON.stringify({ H: "test", M: "Echo", A: [text], I: 0 }) });

export const tests = [
  {
    name: "tokens that are forged, missing or another user's, and other nonsense",
    async run(cell) {
      const token = await cell.token("user=ann");
      const ann = await cell.connect(undefined, "/signalr", { qs: { access_token: token } });
      const link = await cell.connect();
      const refused = async (path, more, status, text) =>
        equal(await ask(cell, path, link, { body: call("a"), ...more }), { status, text });
      await refused("/send", { connectionToken: undefined }, 400, "Protocol error: Missing connection token.");
      for (const connectionToken of ["forged", `${link.connection.token}x`, "AAAA".repeat(16)])
        await refused("/send", { connectionToken }, 400, "The ConnectionId is in the incorrect format.");
      await refused("/send", { transport: "pigeons" }, 400, "Protocol error: Unknown transport.");
      await refused(
        "/send",
        { connectionToken: ann.connection.token },
        403,
        "Unrecognized user identity.  The user identity cannot change during an active SignalR connection.",
      );
      const { status } = await ask(cell, "/reconnect", link, { transport: "longPolling", messageId: "nonsense" });
      equal(status, 400, "the status for a malformed cursor");
      for (const one of [ann, link]) {
        equal(await promise(one.test.server.echo("still here")), "still here");
        equal(one.states, ["connecting", "connected"]);
      }
    },
  },
  {
    name: "a message over the limit",
    async run(cell) {
      const [link, other] = [await cell.connect(), await cell.connect()];
      const long = "x".repeat(cell.over("webSockets") ? 70_000 : 10_000_000);
      const { message } = await rejection(link.test.server.echo(long));
      const words = cell.over("webSockets")
        ? "Connection started reconnecting before invocation result was received."
        : "Error: Send failed.";
      equal(message, words);
      if (cell.over("webSockets")) await link.reconnected.next();
      for (const one of [link, other]) equal(await promise(one.test.server.echo("still here")), "still here");
      equal(other.states, ["connecting", "connected"]);
      equal(other.errors, []);
    },
  },
  {
    name: "a poll during a poll",
    not: (cell) => (cell.over("longPolling") ? "" : "only long polling polls"),
    async run(cell) {
      const link = cell.open();
      const heard = hear(link.test, "message");
      await cell.start(link);
      for (let i = 0; i < 5; i++) {
        const stray = ask(cell, "/poll", link, { body: { messageId: link.connection.messageId } });
        await promise(link.test.server.push(`push ${i}`));
        equal(await heard.next(), `push ${i}`);
        await promise(link.test.server.push("once more")); // for the stray, if it is the link now
        equal((await stray).status, 200);
        equal(await heard.next(), "once more");
      }
      truth(!link.states.includes("disconnected"), link.states);
    },
  },
];
