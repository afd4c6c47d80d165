// Beginnings and ends: stop, start again, reconnect, timeouts, refusals.
import { Queue, equal, fails, hear, truth, within } from "./kit.mjs";

const timeoutText =
  "Server timeout elapsed without receiving a message from the server.";

/** again is a connection that reconnects at once, and what it tells of that. */
async function again(cell, path, how = {}) {
  const c = cell.build(path, {
    options: how.options,
    configure(builder) {
      builder.withAutomaticReconnect([0, 0, 200, 1000]);
      how.configure?.(builder);
    },
  });
  c.lost = new Queue("onreconnecting");
  c.back = new Queue("onreconnected");
  c.onreconnecting((error) => c.lost.push(error));
  c.onreconnected((id) => c.back.push(id));
  await c.start();
  return c;
}

export const tests = [
  {
    name: "stop, and its onclose",
    async run(cell) {
      const c = cell.build();
      equal(c.state, "Disconnected");
      equal(c.connectionId, null);
      await c.start();
      equal(c.state, "Connected");
      equal(c.connectionId, await c.invoke("ConnectionID"));
      await c.stop();
      equal(await c.closes.next(), undefined, "onclose's error");
      equal(c.state, "Disconnected");
      await fails(
        c.invoke("Echo", "late"),
        "Cannot send data if the connection is not in the 'Connected' State.",
      );
    },
  },
  {
    name: "stop with a call under way",
    async run(cell) {
      const c = await cell.connect();
      const asked = new Queue("the question");
      c.on("answer", (question) => {
        asked.push(question);
        return new Promise(() => {});
      });
      const call = c.invoke("Ask", "", "what");
      const fate = fails(
        call,
        "Invocation canceled due to the underlying connection being closed.",
      );
      await asked.next();
      await c.stop();
      await fate;
      equal(await c.closes.next(), undefined, "onclose's error");
    },
  },
  {
    name: "start again, with the same handlers",
    async run(cell) {
      const c = await cell.connect();
      const heard = hear(c, "message");
      const ids = new Set();
      for (let i = 0; i < 3; i++) {
        if (i > 0) await c.start();
        ids.add(c.connectionId);
        await c.invoke("Push", `round ${i}`);
        equal(await heard.next(), `round ${i}`);
        equal(await c.invoke("Echo", "here"), "here");
        await c.stop();
        equal(await c.closes.next(), undefined, "onclose's error");
      }
      equal(ids.size, 3, "the number of ids");
      equal(heard.items, []);
    },
  },
  {
    name: "start again inside onclose",
    async run(cell) {
      const c = await cell.connect();
      const restarted = new Queue("the second start");
      c.onclose(() => restarted.push(c.start()));
      await c.stop();
      await (await restarted.next());
      equal(await c.invoke("Echo", "again"), "again");
    },
  },
  {
    name: "the hub aborts",
    async run(cell) {
      const c = await again(cell);
      await c.send("Abort");
      equal(await c.closes.next(), undefined, "onclose's error");
      equal(c.lost.items, []);
    },
  },
  {
    name: "reconnect after silence",
    async run(cell) {
      const c = await again(cell);
      const id = c.connectionId;
      c.serverTimeout(); // what the client's own timer calls
      equal((await c.lost.next())?.message, timeoutText);
      const now = await c.back.next();
      truth(now !== id, "the id is another");
      equal(c.connectionId, now);
      equal(await c.invoke("ConnectionID"), now);
    },
  },
  {
    name: "reconnect after a cut, with no groups left",
    async run(cell) {
      const c = await again(cell);
      const heard = hear(c, "message");
      await c.invoke("Join", "before");
      for (let i = 0; i < 3; i++) {
        const id = c.connectionId;
        if (!(await cutIsNoticed(cell, c, c.lost))) {
          equal(await c.invoke("ConnectionID"), id);
          return;
        }
        await c.lost.next();
        truth((await c.back.next()) !== id, "the id is another");
        await c.invoke("Tell", "group", "not heard", ["before"]);
        await c.invoke("Push", `round ${i}`);
        equal(await heard.next(), `round ${i}`);
      }
    },
  },
  {
    name: "a cut without reconnect",
    async run(cell) {
      const c = await cell.connect();
      if (!(await cutIsNoticed(cell, c, c.closes))) return;
      await c.closes.next();
      equal(c.state, "Disconnected");
      await c.start();
      equal(await c.invoke("Echo", "again"), "again");
    },
  },
  {
    name: "stop while it reconnects",
    async run(cell) {
      const c = cell.build("/testhub", { configure: (b) => b.withAutomaticReconnect([600_000]) });
      const lost = new Queue("onreconnecting");
      c.onreconnecting(() => {
        c.baseUrl = "http://somewhere.example/else";
        lost.push(c.state);
      });
      await c.start();
      c.serverTimeout();
      equal(await lost.next(), "Reconnecting");
      equal(c.baseUrl, "http://somewhere.example/else");
      await c.stop();
      equal(c.state, "Disconnected");
    },
  },
  {
    name: "withServerTimeout",
    async run(cell) {
      const c = await cell.connect("/testhub", {
        configure: (b) => b.withServerTimeout(20_000).withKeepAliveInterval(10_000),
      });
      equal(c.serverTimeoutInMilliseconds, 20_000);
      c.serverTimeoutInMilliseconds = 1;
      // Each answer arms the timer anew. On long polling there is none: a poll
      // that ends late is what the client notices.
      if (c.connection.features.inherentKeepAlive) {
        for (let i = 0; i < 5; i++) await c.invoke("Echo", "");
        equal(c.state, "Connected");
        return;
      }
      // A room has answered the first ping of the client, which may arm it before.
      const answer = c.invoke("Echo", "");
      await (cell.edge ? answer.catch(() => {}) : answer);
      equal((await c.closes.next())?.message, timeoutText);
    },
  },
  {
    name: "the client's keep-alive",
    async run(cell) {
      const c = await cell.connect("/testhub", { configure: (b) => b.withKeepAliveInterval(5) });
      for (let i = 0; i < 20; i++) equal(await c.invoke("Echo", "a"), "a");
      equal(c.closes.items, []);
    },
  },
  {
    name: "a hub that refuses, with a public error",
    async run(cell) {
      const said =
        "Server returned an error on close: Connection closed with an error. HubException: not today";
      await refused(cell, "/refusing", said);
    },
  },
  {
    name: "a hub that fails to connect",
    async run(cell) {
      const said = "Server returned an error on close: Connection closed with an error.";
      await refused(cell, "/failing", said);
    },
  },
  {
    name: "withStatefulReconnect, and a cut",
    async run(cell) {
      const c = await again(cell, "/testhub", {
        configure: (b) => b.withStatefulReconnect({ bufferSize: 100_000 }),
      });
      const id = c.connectionId;
      const heard = hear(c, "message");
      const steps = new Queue("stepped");
      c.on("stepped", (n) => steps.push(n));
      await c.invoke("Join", "kept");
      equal(await c.invoke("Step", 1), 1);
      if (!c.connection.features.reconnect) {
        // It is for WebSockets at home, and elsewhere asking for it does no harm.
        truth(cell.edge || !cell.over("WebSockets", "automatic"), "it is not WebSockets, or a room");
        if (!(await cutIsNoticed(cell, c, c.lost))) return;
        await c.lost.next();
        truth((await c.back.next()) !== id, "the id is another");
        equal(await c.invoke("Step", 1), 1);
        return;
      }
      truth(cell.over("WebSockets", "automatic"), "only WebSockets can");
      await cell.cut();
      for (let n = 2; n <= 20; n++) {
        if (n % 5 === 0) await cell.cut();
        equal(await c.invoke("Step", n), n);
      }
      await c.invoke("Tell", "group", "still in it", ["kept"]);
      equal(await heard.next(), "still in it");
      equal(await steps.take(20), Array.from({ length: 20 }, (_, i) => i + 1));
      equal(steps.items, []);
      equal(await c.invoke("ConnectionID"), id);
      equal(c.lost.items, []);
      equal(c.closes.items, []);
    },
  },
  {
    name: "withStatefulReconnect, where the hub has none",
    async run(cell) {
      const without = cell.edge ? "/testhub" : "/detailed";
      const c = await again(cell, without, { configure: (b) => b.withStatefulReconnect() });
      equal(Boolean(c.connection.features.reconnect), false);
      const id = c.connectionId;
      if (!(await cutIsNoticed(cell, c, c.lost))) return;
      await c.lost.next();
      truth((await c.back.next()) !== id, "the id is another");
      equal(await c.invoke("Echo", "again"), "again");
    },
  },
];

/**
 * cutIsNoticed cuts every link, and tells whether the client noticed, by what is
 * then in a queue. A browser polls again by itself when the socket of a poll was
 * reset: the connection lives on then, and hears what it shall.
 */
async function cutIsNoticed(cell, c, queue) {
  await cell.cut();
  if (!cell.browser || !cell.over("LongPolling")) return true;
  const pushed = new Queue("a push");
  c.on("placed", (place) => pushed.push(place));
  c.invoke("Place", {}).catch(() => {}); // it is lost with the connection
  return within(
    Promise.race([queue.some().then(() => true), pushed.some().then(() => false)]),
    "what became of the cut",
  );
}

/**
 * refused connects where OnConnect fails: start is rejected or onclose called. The
 * npm client does neither if it hears of the end while the first ping of its start
 * is under way, which takes a request over server-sent events: only its log has it.
 */
async function refused(cell, path, said) {
  const c = cell.build(path);
  try {
    await c.start();
  } catch (error) {
    equal(error.message, said, "the error of start");
    return;
  }
  const end = `Connection disconnected with error 'Error: ${said}'.`;
  if (c.closes.items.length === 0 && cell.log.includes(end)) return;
  equal((await c.closes.next())?.message, said, "the error of onclose");
}
