// Streams to the hub.
import { collect, equal, fails, truth } from "./kit.mjs";

export const tests = [
  {
    name: "an upload and its result",
    async run(cell) {
      const c = await cell.connect();
      const texts = new cell.signalR.Subject();
      const result = c.invoke("Concat", texts);
      for (const text of ["Hello ", "world", "!"]) texts.next(text);
      texts.complete();
      equal(await result, "Hello world!");
    },
  },
  {
    name: "an upload without an item",
    async run(cell) {
      const c = await cell.connect();
      const texts = new cell.signalR.Subject();
      const result = c.invoke("Concat", texts);
      texts.complete();
      equal(await result, "");
    },
  },
  {
    name: "an upload that fails",
    async run(cell) {
      for (const [path, detail] of [
        ["/testhub", ""],
        ["/detailed", " Exception: Something bad"],
      ]) {
        const c = await cell.connect(path);
        const texts = new cell.signalR.Subject();
        const result = c.invoke("Concat", texts);
        texts.next("Hello ");
        texts.error(new Error("Something bad"));
        await fails(result, `An unexpected error occurred invoking 'Concat' on the server.${detail}`);
        equal(await c.invoke("Echo", "still here"), "still here");
      }
    },
  },
  {
    name: "several uploads in one call, with an argument",
    async run(cell) {
      const c = await cell.connect();
      const left = new cell.signalR.Subject();
      const right = new cell.signalR.Subject();
      const result = c.invoke("Sum", left, 10, right);
      for (let i = 1; i <= 5; i++) {
        right.next(i * 100);
        left.next(i);
      }
      right.complete();
      left.complete();
      equal(await result, 15150);
    },
  },
  {
    name: "several uploads, several calls at once",
    async run(cell) {
      const c = await cell.connect();
      const subjects = Array.from({ length: 8 }, () => new cell.signalR.Subject());
      const results = subjects.map((s) => c.invoke("Concat", s));
      for (const round of ["a", "b", "c"])
        subjects.forEach((s, i) => s.next(`${round}${i} `));
      equal(await c.invoke("Echo", "meanwhile"), "meanwhile");
      subjects.forEach((s) => s.complete());
      equal(
        await Promise.all(results),
        subjects.map((_, i) => `a${i} b${i} c${i} `),
      );
    },
  },
  {
    name: "a long upload, of bytes",
    async run(cell) {
      const c = await cell.connect();
      const blobs = new cell.signalR.Subject();
      const result = c.invoke("Bytes", blobs);
      const blob = cell.bytes(...new Array(10_000).fill(7));
      for (let i = 0; i < 60; i++) blobs.next(blob);
      blobs.complete();
      equal(await result, 600_000);
    },
  },
  {
    name: "an upload by send",
    async run(cell) {
      const c = await cell.connect();
      const texts = new cell.signalR.Subject();
      await c.send("Concat", texts);
      texts.next("nobody hears of it");
      texts.complete();
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "an upload that the method leaves",
    async run(cell) {
      const c = await cell.connect();
      const texts = new cell.signalR.Subject();
      const result = c.invoke("First", texts);
      texts.next("first");
      equal(await result, "first");
      for (let i = 0; i < 50; i++) texts.next("more");
      texts.complete();
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "streams both ways in one call",
    async run(cell) {
      const c = await cell.connect();
      const numbers = new cell.signalR.Subject();
      let last = 0;
      const end = collect(c.stream("Double", numbers), (item) => {
        truth(item === 2 * ++last, `${item} is the next`);
        if (last < 20) numbers.next(last + 1);
        else numbers.complete();
      });
      numbers.next(1);
      const { items, error } = await end;
      equal(error, undefined);
      equal(items.length, 20);
    },
  },
  {
    name: "streams both ways, cancelled",
    async run(cell) {
      const c = await cell.connect();
      const numbers = new cell.signalR.Subject();
      await new Promise((done) => {
        const subscription = c.stream("Double", numbers).subscribe({
          next() {
            subscription.dispose();
            done();
          },
          complete() {},
          error() {},
        });
        numbers.next(1);
      });
      numbers.next(2);
      numbers.complete();
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "an upload to a method that takes none",
    async run(cell) {
      const c = await cell.connect();
      const texts = new cell.signalR.Subject();
      const result = c.invoke("Echo", "a", texts);
      texts.next("b");
      texts.complete();
      const count = (method, sent, expected) =>
        `An unexpected error occurred invoking '${method}' on the server. HubException: ` +
        `Client sent ${sent} stream(s), Hub method expects ${expected}.`;
      await fails(result, count("Echo", 1, 0));
      await fails(c.invoke("Concat"), count("Concat", 0, 1));
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
];
