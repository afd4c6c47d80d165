// Calls, their results, and what comes while they run.
import { Queue, equal, truth } from "/suite/kit.mjs";
import { hear, promise } from "./kit.mjs";

const greeting = "你好，世界！ größer עברית 🙂👩‍👩‍👧 \u0000\u001e\u2028\ufeff</script>";

export const tests = [
  {
    name: "a call, and its result",
    async run(cell) {
      const { test } = await cell.connect();
      equal(await promise(test.server.echo(greeting)), greeting);
      equal(await promise(test.server.echo("")), "");
      equal(await promise(test.invoke("eCHO", "any case")), "any case");
      equal(await promise(test.server.nothing()), undefined, "the result of a method without one");
      equal(await promise(test.server.typed(1, "b", [true, false])), "1 b [true false] none");
      equal(await promise(test.server.typed(1, "b", [], 0.5)), "1 b [] 0.5");
    },
  },
  {
    name: "calls, many at once",
    async run(cell) {
      const { test } = await cell.connect();
      const texts = Array.from({ length: 100 }, (_, i) => `call ${i}`);
      equal(await Promise.all(texts.map((t) => promise(test.server.echo(t)))), texts);
    },
  },
  {
    name: "values, with names as they were declared",
    async run(cell) {
      const link = cell.open();
      const placed = hear(link.test, "placed");
      await cell.start(link);
      const fixed = await promise(link.test.server.fixedKinds());
      equal(fixed.Place, { Name: "here", X: 1, Y: -1 });
      equal(fixed.Colour, 1, "an enum");
      equal(fixed.Bytes, "AQID", "bytes");
      equal(fixed.Moment, "2000-01-01T00:00:00Z");
      equal(await promise(link.test.server.kinds(fixed)), fixed, "what comes back");
      await promise(link.test.server.place({ name: "any case", X: 2, y: 3 }));
      equal(await placed.next(), { Name: "any case", X: 2, Y: 3 });
    },
  },
  {
    name: "overloads, by their number of arguments",
    async run(cell) {
      const { classicHub } = await cell.connect();
      equal(await promise(classicHub.server.add(1)), "1");
      equal(await promise(classicHub.server.add(1, 2)), "1+2");
      equal(await promise(classicHub.server.add(1, 2, 3)), "1+2+3");
    },
  },
  {
    name: "the caller's state, there and back",
    async run(cell) {
      const { classicHub } = await cell.connect({ classicHub: { told() {} } });
      classicHub.state.said = "before";
      classicHub.state.kept = { a: [1, null] };
      equal(await promise(classicHub.server.remember("after")), "before");
      equal(classicHub.state, { said: "after", kept: { a: [1, null] }, times: 1 });
      equal(await promise(classicHub.server.remember("again")), "after");
      equal(classicHub.state, { said: "again", kept: { a: [1, null] }, times: 2 });
    },
  },
  {
    name: "progress, before the result",
    async run(cell) {
      const { classicHub } = await cell.connect({ classicHub: { told() {} } });
      const seen = [];
      const call = classicHub.server.work(5);
      call.progress((value) => seen.push(value));
      equal(await promise(call), "5 done");
      equal(seen, [1, 2, 3, 4, 5], "the progress at the result");
    },
  },
  {
    name: "progress of several calls at once",
    async run(cell) {
      const { classicHub } = await cell.connect({ classicHub: { told() {} } });
      const works = [3, 1, 2].map(async (steps) => {
        const seen = [];
        const call = classicHub.server.work(steps);
        call.progress((value) => seen.push(value));
        return [await promise(call), seen];
      });
      equal(await Promise.all(works), [["3 done", [1, 2, 3]], ["1 done", [1]], ["2 done", [1, 2]]]);
    },
  },
  {
    name: "a row of pushes, in order",
    async run(cell) {
      const link = cell.open();
      const told = hear(link.classicHub, "told");
      await cell.start(link);
      await promise(link.classicHub.server.tellMany(500));
      equal(await told.take(500), Array.from({ length: 500 }, (_, i) => String(i + 1)));
    },
  },
  {
    name: "a slow call, and others",
    async run(cell) {
      const [slow, quick] = [await cell.connect(), await cell.connect()];
      let over = false;
      const waits = promise(slow.classicHub.server.wait("a call")).then((answer) => {
        over = true;
        return answer;
      });
      for (let i = 0; i < 5; i++) equal(await promise(quick.test.server.echo("quick")), "quick");
      truth(!over, "the slow call is not over");
      await promise(quick.classicHub.server.endWait("a call"));
      equal(await waits, "a call");
    },
  },
  {
    name: "several hubs on one connection",
    async run(cell) {
      const link = cell.open();
      const heard = new Queue("what is told");
      link.test.client.message = (text) => heard.push(`test ${text}`);
      link.otherHub.client.message = (text) => heard.push(`other ${text}`);
      await cell.start(link);
      await promise(link.test.server.push("a"));
      equal(await heard.next(), "test a");
      await promise(link.otherHub.server.push("b"));
      equal(await heard.next(), "other b");
    },
  },
  {
    name: "names that stand in the script as they are",
    async run(cell) {
      const { classicHub, Verbatim_Hub } = await cell.connect();
      equal(await promise(classicHub.server.Say_It("so")), "so");
      truth(!("say_It" in classicHub.server), "say_It is not there");
      equal(await promise(Verbatim_Hub.server.echo("so")), "so");
    },
  },
];
