// Streams from the hub.
import { collect, equal, fails, hear, truth } from "./kit.mjs";

export const tests = [
  {
    name: "a stream and its end",
    async run(cell) {
      const c = await cell.connect();
      equal(await collect(c.stream("Letters")), { items: ["a", "b", "c"] });
      equal(await collect(c.stream("letters")), { items: ["a", "b", "c"] });
      equal(await collect(c.stream("Empty")), { items: [] });
      equal(await collect(c.stream("Count", 5, 3)), { items: [5, 6, 7] });
    },
  },
  {
    name: "a long stream, in order",
    async run(cell) {
      const c = await cell.connect();
      const { items, error } = await collect(c.stream("Count", 0, 2000));
      equal(error, undefined);
      equal(items, Array.from({ length: 2000 }, (_, i) => i));
    },
  },
  {
    name: "more than a connection may have queued",
    async run(cell) {
      const c = await cell.connect();
      const { items, error } = await collect(c.stream("Blobs", 100, 30_000));
      equal(error, undefined);
      equal(items.length, 100);
      const sizes = new Set(items.map((i) => (cell.binary ? i.length : atob(i).length)));
      equal([...sizes], [30_000]);
    },
  },
  {
    name: "several streams and calls at once",
    async run(cell) {
      const c = await cell.connect();
      const ends = Array.from({ length: 20 }, (_, i) => collect(c.stream("Count", i, 50)));
      equal(await c.invoke("Echo", "meanwhile"), "meanwhile");
      for (const [i, { items }] of (await Promise.all(ends)).entries())
        equal(items, Array.from({ length: 50 }, (_, n) => i + n));
    },
  },
  {
    name: "a stream that is cancelled",
    async run(cell) {
      const c = await cell.connect();
      const canceled = hear(c, "canceled");
      const subscription = c.stream("Endless", "one").subscribe({ next() {}, complete() {}, error() {} });
      subscription.dispose();
      equal(await canceled.next(), "one");
      let seen = 0;
      const other = c.stream("Endless", "two").subscribe({
        next() {
          if (++seen === 10) other.dispose();
        },
        complete() {},
        error() {},
      });
      equal(await canceled.next(), "two");
      truth(seen >= 10, "ten items were seen");
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "a stream that the client leaves",
    async run(cell) {
      const other = await cell.connect();
      const canceled = hear(other, "canceled");
      const c = await cell.connect();
      await other.invoke("Join", "canceled");
      c.stream("Endless", "left").subscribe({ next() {}, complete() {}, error() {} });
      await c.invoke("Echo", "the stream has been asked for");
      await c.stop();
      equal(await canceled.next(), "left");
    },
  },
  {
    name: "errors of streams, to the letter",
    async run(cell) {
      const c = await cell.connect();
      const fail = async (...args) => {
        const { items, error } = await collect(c.stream("FailAfter", ...args));
        return [items, error?.message];
      };
      equal(await fail(2, "public", "no milk"), [
        [0, 1],
        "An error occurred on the server while streaming results. HubException: no milk",
      ]);
      for (const how of ["plain", "panic"])
        equal(await fail(1, how, "a secret"), [
          [0],
          "An error occurred on the server while streaming results.",
        ]);
      equal((await collect(c.stream("NoSuchStream"))).error?.message, "Unknown hub method 'NoSuchStream'");
      equal(
        (await collect(c.stream("Count", 1))).error?.message,
        "Failed to invoke 'Count' due to an error on the server.",
      );
      equal(
        (await collect(c.stream("Echo", "42"))).error?.message,
        "The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.",
      );
      await fails(
        c.invoke("Letters"),
        "The client attempted to invoke the streaming 'Letters' method with a non-streaming invocation.",
      );
      await c.send("Letters");
      equal(await collect(c.stream("Letters")), { items: ["a", "b", "c"] });
    },
  },
];
