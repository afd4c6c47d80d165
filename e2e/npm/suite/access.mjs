// Who may connect, where to, and what the server learns of the client.
import { Queue, equal, fails, hear, truth } from "./kit.mjs";

const negotiation = "Failed to complete negotiation with the server: ";

/** elsewhere is why a cell has no redirects: who sends clients on is a program's own. */
const elsewhere = (cell) => (cell.edge ? "a gateway sends no client to another server" : "");

/** bearer are the options of a client that has the token. */
const bearer = (token) => ({ options: { accessTokenFactory: () => token } });

export const tests = [
  {
    name: "a bearer token",
    async run(cell) {
      const token = await cell.token("user=ann");
      const c = await cell.connect("/authorizedhub", bearer(token));
      equal(await c.invoke("Echo", "你好"), "你好");
      equal(await c.invoke("User"), "ann");
    },
  },
  {
    name: "a bearer token that is fetched each time",
    async run(cell) {
      const asked = [];
      const c = await cell.connect(
        "/authorizedhub",
        bearer(new Promise((token) => token(cell.token("user=ann")))),
      );
      equal(await c.invoke("User"), "ann");
      const d = await cell.connect("/authorizedhub", {
        options: {
          accessTokenFactory: async () => {
            asked.push(1);
            return cell.token("user=bob");
          },
        },
      });
      for (let i = 0; i < 3; i++) equal(await d.invoke("User"), "bob");
      truth(asked.length > 0, "the client asked for a token");
    },
  },
  {
    name: "no token, a bad one, one of nobody allowed",
    async run(cell) {
      const unauthorized = `${negotiation}Error: Unauthorized: Status code '401'`;
      // The test server says no more than that; a gateway says what is wrong.
      const refused = cell.edge
        ? `${negotiation}Error: [token] This token is not taken.: Status code '401'`
        : unauthorized;
      await fails(cell.connect("/authorizedhub"), unauthorized);
      await fails(cell.connect("/authorizedhub", bearer("forged")), refused);
      await fails(cell.connect("/testhub", bearer("forged")), refused);
      const old = await cell.token("user=ann&seconds=-1");
      await fails(cell.connect("/authorizedhub", bearer(old)), refused);
      const banned = await cell.token("user=ann&role=banned");
      await fails(
        cell.connect("/authorizedhub", bearer(banned)),
        `${negotiation}Error: Forbidden: Status code '403'`,
      );
    },
  },
  {
    name: "who sent an event",
    async run(cell) {
      // The client has no place for it: it reads the headers and goes on.
      const headers = new Queue("headers");
      const watched = (b) => {
        const protocol = cell.hubProtocol();
        const parse = protocol.parseMessages.bind(protocol);
        protocol.parseMessages = (...all) => {
          const messages = parse(...all);
          for (const m of messages) if (m.target === "message") headers.push(m.headers ?? {});
          return messages;
        };
        b.withHubProtocol(protocol);
      };
      const listener = await cell.connect("/testhub", { configure: watched });
      const heard = hear(listener, "message");
      const ann = await cell.connect("/testhub", bearer(await cell.token("user=ann")));
      const nobody = await cell.connect("/testhub");
      await ann.invoke("Tell", "all", "from ann", []);
      equal(await heard.next(), "from ann");
      const sender = await headers.next();
      equal(sender["from-id"], "ann");
      equal(sender["from-guest"], undefined);
      await nobody.invoke("Tell", "all", "from nobody", []);
      equal(await heard.next(), "from nobody");
      equal(await headers.next(), {});
    },
  },
  {
    name: "a method for some",
    async run(cell) {
      const refused = "Failed to invoke 'Admin' because user is unauthorized";
      const token = await cell.token("user=ann");
      const c = await cell.connect("/testhub", bearer(token));
      await fails(c.invoke("Admin"), refused);
      const admins = await cell.token("user=bob&role=admin");
      const d = await cell.connect("/testhub", bearer(admins));
      equal(await d.invoke("Admin"), "at your service, bob");
    },
  },
  {
    name: "a token that expires",
    async run(cell) {
      const c = cell.build("/authorizedhub", {
        options: { accessTokenFactory: () => cell.token("user=ann&seconds=2") },
        configure: (b) => b.withAutomaticReconnect([0, 0, 200]),
      });
      const back = new Queue("onreconnected");
      c.onreconnected((id) => back.push(id));
      await c.start();
      const id = c.connectionId;
      truth((await back.next()) !== id, "it is closed, and comes back with another token");
      equal(await c.invoke("User"), "ann");
    },
  },
  {
    name: "redirects, with tokens",
    not: elsewhere,
    async run(cell) {
      const c = cell.build("/redirect?hops=3", {
        configure: (b) => b.withAutomaticReconnect([0, 0, 200]),
      });
      const back = new Queue("onreconnected");
      c.onreconnected((id) => back.push(id));
      await c.start();
      const id = c.connectionId;
      equal(await c.invoke("Claim", "user"), "redirected");
      equal(await c.invoke("Claim", "query redirects"), "3");
      equal(await c.invoke("ConnectionID"), id);
      c.serverTimeout();
      const now = await back.next();
      truth(now !== id, "the id is another");
      equal(await c.invoke("ConnectionID"), now);
      equal(await c.invoke("Claim", "user"), "redirected");
      await c.stop();
      equal(c.connectionId, null);
    },
  },
  {
    name: "redirects without end",
    not: elsewhere,
    async run(cell) {
      await fails(cell.connect("/redirect?hops=1000"), "Negotiate redirection limit exceeded.");
    },
  },
  {
    name: "an address without a hub, and a negotiation that fails",
    async run(cell) {
      const advice =
        "Either this is not a SignalR endpoint or there is a proxy blocking the connection.";
      const error = await cell.connect("/nowhere").catch((e) => e);
      truth(error.message.startsWith(`${negotiation}Error: `), error.message);
      truth(error.message.endsWith(`: Status code '404' ${advice}`), error.message);
      if (cell.edge) return; // every negotiation there is the gateway's
      await fails(
        cell.connect("/bad-negotiate"),
        `${negotiation}Error: Some response from server: Status code '400'`,
      );
    },
  },
  {
    name: "paths in any case, and a query of one's own",
    async run(cell) {
      const c = await cell.connect("/TestHub?redirects=0&other=a%26b");
      if (cell.edge) {
        equal(await c.invoke("Claim", "query other"), null); // a room has no request
        return;
      }
      equal(await c.invoke("Claim", "query redirects"), "0");
      equal(await c.invoke("Claim", "query other"), "a&b");
    },
  },
  {
    name: "the client's headers",
    async run(cell) {
      const c = await cell.connect();
      const name = cell.browser ? "X-Signalr-User-Agent" : "User-Agent";
      const agent = await c.invoke("Claim", `header ${name}`);
      const silent = cell.edge || (cell.browser && !(await polls(c)));
      if (silent) equal(agent, null);
      else truth(agent.startsWith("Microsoft SignalR/10.0 (10.0.11; "), agent);
    },
  },
  {
    name: "headers of one's own",
    async run(cell) {
      const name = cell.browser ? "X-SignalR-User-Agent" : "User-Agent";
      const headers = { [name]: "Custom Agent", "X-HEADER": "VALUE" };
      const c = await cell.connect("/testhub", { options: { headers } });
      const silent = cell.edge || (cell.browser && !(await polls(c)));
      const claim = (header) => c.invoke("Claim", `header ${header}`);
      equal(await claim("X-Header"), silent ? null : "VALUE");
      const agent = cell.browser ? "X-Signalr-User-Agent" : "User-Agent";
      equal(await claim(agent), silent ? null : "Custom Agent");
    },
  },
  {
    name: "without credentials",
    not: (cell) =>
      cell.browser ? "" : "in Node there are no credentials that the client could leave out",
    async run(cell) {
      const c = await cell.connect("/testhub", { options: { withCredentials: false } });
      equal(await c.invoke("Echo", "a"), "a");
    },
  },
];

/** polls tells whether c is over long polling, as the hub sees it. */
async function polls(c) {
  return (await c.invoke("Claim", "transport")) === "LongPolling";
}
