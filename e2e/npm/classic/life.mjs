// How a connection begins, breaks, comes back and ends.
import { Queue, equal, truth } from "/suite/kit.mjs";
import { fails, hear, promise, rejection } from "./kit.mjs";

/** listening is a link that the hub tells of its life. */
async function listening(cell) {
  const link = cell.open();
  link.told = hear(link.classicHub, "told");
  return cell.start(link);
}

export const tests = [
  {
    name: "start, what the client is told, stop",
    async run(cell) {
      const link = await listening(cell);
      const { connection } = link;
      equal(link.states, ["connecting", "connected"]);
      truth(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(connection.id), connection.id);
      equal(await promise(link.test.server.connectionID()), connection.id);
      equal(await cell.lives(connection.id, 1), ["connected"]);
      connection.stop();
      await link.ended.next();
      equal(link.states.slice(2), ["disconnected"]);
      equal(link.errors, []);
    },
  },
  {
    name: "what the hub says to who connects",
    async run(cell) {
      const link = cell.open();
      const said = new Queue("what the hub says");
      link.Verbatim_Hub.client.greeted = (text) => said.push(`${text} in state ${link.connection.state}`);
      await cell.start(link);
      equal(await said.take(2), ["1 in state 1", "2 in state 1"]);
      // Whatever follows would be there before this.
      equal(await promise(link.Verbatim_Hub.server.echo("still here")), "still here");
      equal(said.items, []);
    },
  },
  {
    name: "stop is the end at the hub: OnDisconnect, once, without an error",
    async run(cell) {
      const link = await listening(cell);
      const { id } = link.connection;
      link.connection.stop();
      equal(await cell.lives(id, 2), ["connected", "disconnected"]);
      const other = await listening(cell);
      equal(await promise(other.classicHub.server.livesOf(id)), ["connected", "disconnected"]);
    },
  },
  {
    name: "start again after a stop, as another connection",
    async run(cell) {
      const link = await listening(cell);
      const { id } = link.connection;
      link.connection.stop();
      await link.ended.next();
      await cell.start(link);
      truth(link.connection.id !== id, "the id is another");
      await promise(link.classicHub.server.tellMany(1));
      equal(await link.told.next(), "1");
    },
  },
  {
    name: "a link that is cut: the same connection, its groups, and what was said meanwhile",
    async run(cell) {
      const link = cell.open();
      link.heard = hear(link.test, "message");
      link.told = hear(link.classicHub, "told");
      await cell.start(link);
      const { id } = link.connection;
      await promise(link.test.server.join(`group of ${id}`));
      await promise(link.test.server.tell("group", "before", [`group of ${id}`]));
      equal(await link.heard.next(), "before");
      await cell.cut();
      // Said by the test server itself, on a way that is not cut.
      for (let n = 1; n <= 20; n++) {
        const text = encodeURIComponent(`said ${n}`);
        await fetch(`${cell.base}/say?group=${encodeURIComponent(`group of ${id}`)}&text=${text}`);
      }
      equal(await link.heard.take(20), Array.from({ length: 20 }, (_, i) => `said ${i + 1}`));
      await link.reconnected.next();
      equal(link.connection.id, id);
      equal(link.states, ["connecting", "connected", "reconnecting", "connected"]);
      await promise(link.test.server.tell("group", "after", [`group of ${id}`]));
      equal(await link.heard.next(), "after");
      equal(await cell.lives(id, 2), ["connected", "reconnected"]);
    },
  },
  {
    name: "the hub ends a connection",
    async run(cell) {
      const link = await listening(cell);
      const { id } = link.connection;
      link.test.server.abort();
      const lives = await cell.lives(id, 2);
      equal(lives.length, 2);
      truth(lives[1].startsWith("disconnected"), lives[1]);
    },
  },
  {
    name: "a hub that refuses who connects",
    async run(cell) {
      for (const [path, why] of [
        ["/refusing", "Connection closed with an error. HubException: not today"],
        ["/failing", "Connection closed with an error."],
      ]) {
        const link = cell.open(path);
        link.connection.createHubProxy(path.slice(1)).on("message", () => {});
        const { message } = await rejection(link.connection.start({ transport: cell.transport }));
        await link.ended.next();
        // Whichever the client hears first: that it cannot start, or why.
        truth(
          message === "Error during start request. Stopping the connection." ||
            (message === "The connection was stopped during the start request." && link.errors.includes(why)),
          `${message} ${link.errors}`,
        );
      }
    },
  },
  {
    name: "a ping",
    async run(cell) {
      const link = await listening(cell);
      equal(await promise($.signalR.transports._logic.pingServer(link.connection)), undefined);
    },
  },
  {
    name: "a call on a connection that is not started",
    async run(cell) {
      const link = cell.open();
      let said;
      try {
        link.test.server.echo("a");
      } catch (error) {
        said = error.message;
      }
      equal(said, "SignalR: Connection must be started before data can be sent. Call .start() before .send()");
    },
  },
  {
    name: "a call that is under way at the stop",
    async run(cell) {
      const link = await listening(cell);
      const waits = link.classicHub.server.wait(`the stop of ${link.connection.id}`);
      setTimeout(() => link.connection.stop());
      await fails(waits, "Connection was disconnected before invocation result was received.");
    },
  },
];
