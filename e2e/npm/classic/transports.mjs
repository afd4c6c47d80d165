// Which transport a client ends up with, and those that are refused.
import { equal, truth } from "/suite/kit.mjs";
import { hear, promise } from "./kit.mjs";

export const tests = [
  {
    name: "left to itself, with the ones before it blocked, the client comes here",
    async run(cell) {
      const link = cell.open();
      link.connection.url = `${cell.blocking}/signalr`;
      const heard = hear(link.test, "message");
      await cell.start(link, { transport: "auto" });
      equal(link.connection.transport.name, cell.transport);
      await promise(link.test.server.push("here"));
      equal(await heard.next(), "here");
    },
  },
  {
    name: "left to itself, where the hub has no other, the client comes here",
    async run(cell) {
      const path = `/only-${cell.transport.toLowerCase()}`;
      const link = cell.open(path);
      const heard = hear(link.test, "message");
      await cell.start(link, { transport: "auto" });
      equal(link.connection.transport.name, cell.transport);
      await promise(link.test.server.push("here"));
      equal(await heard.next(), "here");
    },
  },
  {
    name: "forever frames are refused, and the client moves on",
    async run(cell) {
      // The client tries them where there is no EventSource.
      const { EventSource } = window;
      window.EventSource = undefined;
      try {
        const link = cell.open();
        hear(link.test, "message");
        await cell.start(link, { transport: ["foreverFrame", "longPolling"] });
        equal(link.connection.transport.name, "longPolling");
        truth(
          cell.log.some((line) => line.includes("foreverFrame transport failed to connect")),
          "the client says that it has moved on",
        );
      } finally {
        window.EventSource = EventSource;
      }
    },
  },
  {
    name: "JSONP is refused",
    not: (cell) => (cell.old ? "jQuery 1.7 does not tell of a script that fails to load" : ""),
    async run(cell) {
      const link = cell.open();
      hear(link.test, "message");
      const error = await promise(link.connection.start({ transport: "longPolling", jsonp: true })).then(
        () => new Error("it started"),
        (e) => e,
      );
      truth(error.message.startsWith("Error during negotiation request."), error.message);
    },
  },
];
