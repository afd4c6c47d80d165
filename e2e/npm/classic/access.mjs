// Who may connect, where to, and what the hub learns of the client.
import { equal, truth } from "/suite/kit.mjs";
import { hear, promise, rejection } from "./kit.mjs";

export const tests = [
  {
    name: "a query of the page's own",
    async run(cell) {
      const { test } = await cell.connect(undefined, "/signalr", { qs: { other: "a&b ü" } });
      equal(await promise(test.server.claim("query other")), "a&b ü");
      const text = await cell.connect(undefined, "/SignalR", { qs: "other=c%26d" });
      equal(await promise(text.test.server.claim("query other")), "c&d");
    },
  },
  {
    name: "a bearer token in the query",
    async run(cell) {
      const token = await cell.token("user=ann&role=admin");
      const { test } = await cell.connect(undefined, "/signalr", { qs: { access_token: token } });
      equal(await promise(test.server.claim("user")), "ann");
      equal(await promise(test.server.admin()), "at your service, ann");
      equal(await promise(test.server.claim("transport")), { webSockets: "WebSockets", serverSentEvents: "ServerSentEvents", longPolling: "LongPolling" }[cell.transport]);
    },
  },
  {
    name: "no token, a bad one, one of nobody allowed",
    async run(cell) {
      const banned = await cell.token("user=ann&role=banned");
      for (const [qs, status] of [[undefined, 401], [{ access_token: "forged" }, 401], [{ access_token: banned }, 403]]) {
        const link = cell.open("/authorizedhub", { qs });
        link.connection.createHubProxy("authorized").on("message", () => {});
        const error = await rejection(link.connection.start({ transport: cell.transport }));
        truth(error.message.startsWith("Error during negotiation request."), error.message);
        equal(error.source.status ?? error.context?.status, status);
      }
      const good = await cell.token("user=ann");
      const link = cell.open("/authorizedhub", { qs: { access_token: good } });
      const authorized = link.connection.createHubProxy("authorized");
      authorized.on("message", () => {});
      await cell.start(link);
      equal(await promise(authorized.invoke("User")), "ann");
    },
  },
  {
    name: "redirects, with tokens",
    not: (cell) => (cell.old ? "client 2.2.1 knows no redirects: they came with 2.4" : ""),
    async run(cell) {
      const link = cell.open("/redirect", { qs: { hops: 3 } });
      hear(link.test, "message");
      await cell.start(link);
      equal(await promise(link.test.server.claim("user")), "redirected");
      equal(await promise(link.test.server.claim("query redirects")), "3");
    },
  },
  {
    name: "redirects without end",
    not: (cell) => (cell.old ? "client 2.2.1 knows no redirects: they came with 2.4" : ""),
    async run(cell) {
      const link = cell.open("/redirect", { qs: { hops: 1000 } });
      hear(link.test, "message");
      const error = await rejection(link.connection.start({ transport: cell.transport }));
      truth(error.message.startsWith("Error during negotiation request."), error.message);
      truth(String(error.source?.message ?? error.source).includes("Negotiate redirection limit exceeded."), "its reason");
    },
  },
  {
    name: "a hub of one address, and its own script's names there",
    async run(cell) {
      const { test } = await cell.connect(undefined, "/testhub");
      equal(await promise(test.server.echo("one hub")), "one hub");
    },
  },
  {
    name: "the script's address, taken for that of the hubs",
    async run(cell) {
      for (const path of ["/signalr/js", "/signalr/hubs"]) {
        const { test } = await cell.connect(undefined, path);
        equal(await promise(test.server.echo(path)), path);
      }
    },
  },
];
