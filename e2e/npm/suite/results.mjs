// Client results: the hub asks one client.
import { equal, fails } from "./kit.mjs";

/** refused is what AskMethod makes of a client's error. */
const refused = (text) =>
  `An unexpected error occurred invoking 'Ask' on the server. HubException: ${text}`;

export const tests = [
  {
    name: "the hub asks its caller",
    async run(cell) {
      const c = await cell.connect();
      c.on("answer", (question) => `${question}: 42`);
      equal(await c.invoke("Ask", "", "what is it"), "what is it: 42");
      c.on("numbers", async () => [1, 2, 39]);
      equal(await c.invoke("Total"), 42);
    },
  },
  {
    name: "the hub asks another client",
    async run(cell) {
      const one = await cell.connect();
      const two = await cell.connect();
      two.on("answer", async (question) => `two hears ${question}`);
      const id = await two.invoke("ConnectionID");
      equal(await one.invoke("Ask", id, "this"), "two hears this");
    },
  },
  {
    name: "many questions at once",
    async run(cell) {
      const one = await cell.connect();
      const two = await cell.connect();
      two.on("answer", async (question) => `re ${question}`);
      const id = await two.invoke("ConnectionID");
      const questions = Array.from({ length: 50 }, (_, i) => `q${i}`);
      equal(
        await Promise.all(questions.map((q) => one.invoke("Ask", id, q))),
        questions.map((q) => `re ${q}`),
      );
    },
  },
  {
    name: "answers that are errors, to the letter",
    async run(cell) {
      const c = await cell.connect();
      await fails(c.invoke("Ask", "", "a"), refused("Client didn't provide a result."));
      c.on("answer", () => undefined);
      await fails(c.invoke("Ask", "", "a"), refused("Client didn't provide a result."));
      c.on("answer", () => {
        throw new Error("from callback");
      });
      await fails(c.invoke("Ask", "", "a"), refused("Error: from callback"));
      c.off("answer");
      c.on("answer", () => "one");
      c.on("answer", () => "two");
      await fails(c.invoke("Ask", "", "a"), refused("Client provided multiple results."));
      c.off("answer");
      c.on("answer", () => "one again");
      equal(await c.invoke("Ask", "", "a"), "one again");
    },
  },
  {
    name: "an answer of another type",
    async run(cell) {
      const c = await cell.connect();
      c.on("answer", () => ({ not: "text" }));
      await fails(
        c.invoke("Ask", "", "a"),
        "An unexpected error occurred invoking 'Ask' on the server.",
      );
      equal(await c.invoke("Echo", "still here"), "still here");
    },
  },
  {
    name: "a question that nobody answers",
    async run(cell) {
      const c = await cell.connect();
      await fails(c.invoke("Ask", "nobody", "a"), refused("no connection with that id"));
      const two = await cell.connect();
      let questions = 0;
      const second = new Promise((arrived) => {
        two.on("answer", () => {
          if (++questions === 2) arrived();
          return new Promise(() => {});
        });
      });
      const id = await two.invoke("ConnectionID");
      await fails(c.invoke("Ask", id, "a", 100), refused("no answer in time"));
      const asked = c.invoke("Ask", id, "a");
      await second;
      await two.stop();
      await fails(asked, refused("the connection is closed"));
    },
  },
];
