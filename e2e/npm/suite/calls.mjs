// Calls, events and errors.
import { Queue, equal, fails, hear, truth } from "./kit.mjs";

const greeting = "你好，世界！ größer עברית 🙂👩‍👩‍👧 \u0000\u001e\u2028\ufeff";

export const tests = [
  {
    name: "invoke, and its result",
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("Echo", greeting), greeting);
      equal(await c.invoke("eCHO", "any case"), "any case");
      equal(await c.invoke("Echo", ""), "");
      equal(await c.invoke("Nothing"), null, "the result of a method without one");
    },
  },
  {
    name: "invoke, many at once",
    async run(cell) {
      const c = await cell.connect();
      const texts = Array.from({ length: 200 }, (_, i) => `call ${i}`);
      equal(await Promise.all(texts.map((t) => c.invoke("Echo", t))), texts);
    },
  },
  {
    name: "send, without a result",
    async run(cell) {
      const c = await cell.connect();
      const heard = hear(c, "message");
      equal(await c.send("Push", greeting), undefined);
      equal(await heard.next(), greeting);
      await c.send("Fail", "plain", "nobody hears this");
      await c.send("NoSuchMethod");
      await c.send("Echo", 1, 2, 3);
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "on and off",
    async run(cell) {
      const c = await cell.connect();
      const said = [];
      const one = (text) => said.push(`one ${text}`);
      const two = (text) => said.push(`two ${text}`);
      c.on("message", one);
      c.on("mESSage", two);
      await c.invoke("Push", "a");
      c.off("MESSAGE", one);
      await c.invoke("Push", "b");
      c.off("message");
      await c.invoke("Push", "c");
      c.on("message", one);
      await c.invoke("Push", "d");
      equal(said, ["one a", "two a", "two b", "one d"]);
    },
  },
  {
    name: "a handler that throws, or calls",
    async run(cell) {
      const c = await cell.connect();
      const answers = new Queue("an answer");
      c.on("message", () => {
        throw new Error("from the handler");
      });
      c.on("message", async (text) => answers.push(await c.invoke("Echo", text)));
      await c.invoke("Push", "a");
      equal(await answers.next(), "a");
    },
  },
  {
    name: "a push is before its answer",
    async run(cell) {
      const c = await cell.connect();
      const order = [];
      c.on("stepped", (n) => order.push(`push ${n}`));
      const calls = [];
      for (let n = 1; n <= 300; n++)
        calls.push(c.invoke("Step", n).then((r) => order.push(`answer ${r}`)));
      await Promise.all(calls);
      const next = { push: 1, answer: 1 };
      for (const entry of order) {
        const [kind, n] = entry.split(" ");
        equal(Number(n), next[kind]++, `the next ${kind}`);
        truth(next.push >= next.answer, `${entry} after its push`);
      }
      equal(next, { push: 301, answer: 301 });
    },
  },
  {
    name: "errors, to the letter",
    async run(cell) {
      const c = await cell.connect();
      await fails(
        c.invoke("Fail", "public", "no milk"),
        "An unexpected error occurred invoking 'Fail' on the server. HubException: no milk",
      );
      for (const how of ["plain", "panic"])
        await fails(
          c.invoke("Fail", how, "a secret"),
          "An unexpected error occurred invoking 'Fail' on the server.",
        );
      await fails(c.invoke("fail", "plain", ""), "An unexpected error occurred invoking 'fail' on the server.");
      await fails(c.invoke("NoSuchMethod", 1), "Unknown hub method 'NoSuchMethod'");
      const binding = "Failed to invoke 'Echo' due to an error on the server.";
      await fails(c.invoke("Echo"), binding, "too few arguments");
      await fails(c.invoke("Echo", "a", "b"), binding, "too many arguments");
      await fails(c.invoke("Echo", { no: "text" }), binding, "another type");
      await fails(c.invoke("Admin"), "Failed to invoke 'Admin' because user is unauthorized");
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "errors in detail, where the hub tells them",
    async run(cell) {
      const c = await cell.connect("/detailed");
      await fails(
        c.invoke("Fail", "public", "no milk"),
        "An unexpected error occurred invoking 'Fail' on the server. HubException: no milk",
      );
      await fails(
        c.invoke("Fail", "plain", "it broke"),
        "An unexpected error occurred invoking 'Fail' on the server. Error: it broke",
      );
      await fails(
        c.invoke("Echo", "a", "b"),
        "Failed to invoke 'Echo' due to an error on the server. InvalidDataException: Invocation provides 2 argument(s) but target expects 1.",
      );
    },
  },
];
