// Whom a push reaches, and handlers.
import { Queue, equal } from "/suite/kit.mjs";
import { hear, promise } from "./kit.mjs";

/**
 * group is a number of links that hear the messages of the hub test, each with
 * its texts in heard.
 */
async function group(cell, count, settings) {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const link = cell.open("/signalr", settings?.[i]);
      link.heard = hear(link.test, "message");
      return cell.start(link);
    }),
  );
}

/**
 * reaches tells a target and then everybody, and sees who has heard what before
 * that: want has the numbers of the links.
 */
async function reaches(links, whom, names, want, except) {
  const text = `for ${whom}`;
  const args = except ? [whom, text, names, except] : [whom, text, names];
  await promise(links[0].test.server.tell(...args));
  await promise(links[0].test.server.tell("all", "for everybody", []));
  const heard = [];
  for (const [i, link] of links.entries()) {
    let said = await link.heard.next();
    if (said === text) {
      heard.push(i);
      said = await link.heard.next();
    }
    equal(said, "for everybody", `what link ${i} hears then`);
  }
  equal(heard, want, `who has heard what is ${text}`);
}

export const tests = [
  {
    name: "targets: all, others, caller, one and several clients",
    async run(cell) {
      const links = await group(cell, 3);
      const ids = links.map((link) => link.connection.id);
      await reaches(links, "all", [], [0, 1, 2]);
      await reaches(links, "others", [], [1, 2]);
      await reaches(links, "caller", [], [0]);
      await reaches(links, "allExcept", [], [0, 2], [ids[1]]);
      await reaches(links, "client", [ids[2]], [2]);
      await reaches(links, "clients", [ids[0], ids[2]], [0, 2]);
    },
  },
  {
    name: "targets: groups",
    async run(cell) {
      const links = await group(cell, 3);
      const ids = links.map((link) => link.connection.id);
      const name = (of) => `${of} of ${ids[0]}`;
      await promise(links[0].test.server.join(name("a")));
      await promise(links[1].test.server.join(name("a")));
      await promise(links[1].test.server.join(name("b")));
      await promise(links[2].test.server.join(name("b")));
      await reaches(links, "group", [name("a")], [0, 1]);
      await reaches(links, "groups", [name("a"), name("b")], [0, 1, 2]);
      await reaches(links, "groupExcept", [name("a")], [0], [ids[1]]);
      await reaches(links, "othersInGroup", [name("a")], [1]);
      await promise(links[1].test.server.leave(name("a")));
      await reaches(links, "group", [name("a")], [0]);
    },
  },
  {
    name: "targets: users",
    async run(cell) {
      const as = async (user) => ({ qs: { access_token: await cell.token(`user=${user}`) } });
      const links = await group(cell, 3, [await as("ann"), await as("bob"), await as("ann")]);
      await reaches(links, "user", ["ann"], [0, 2]);
      await reaches(links, "users", ["ann", "bob"], [0, 1, 2]);
      await reaches(links, "user", ["nobody"], []);
    },
  },
  {
    name: "several handlers, in any case, on and off",
    async run(cell) {
      const link = cell.open();
      const said = [];
      const one = (text) => said.push(`one ${text}`);
      const two = (text) => said.push(`two ${text}`);
      link.test.on("message", one);
      link.test.on("mESSage", two);
      await cell.start(link);
      const told = new Queue("the last handler");
      link.test.on("message", (text) => told.push(text));
      await promise(link.test.server.push("a"));
      equal(await told.next(), "a");
      link.test.off("MESSAGE", one);
      await promise(link.test.server.push("b"));
      equal(await told.next(), "b");
      equal(said, ["one a", "two a", "two b"]);
    },
  },
  {
    name: "a handler of the script, replaced between two starts",
    not: (cell) =>
      cell.old ? "client 2.2.1 does not take a handler off that is not the one it was given" : "",
    async run(cell) {
      const link = cell.open();
      const said = new Queue("what the handlers say");
      link.test.client.message = (text) => said.push(`first ${text}`);
      await cell.start(link);
      await promise(link.test.server.push("a"));
      equal(await said.next(), "first a");
      link.connection.stop();
      await link.ended.next();
      link.test.client.message = (text) => said.push(`second ${text}`);
      await cell.start(link);
      await promise(link.test.server.push("b"));
      equal(await said.next(), "second b");
      await promise(link.test.server.push("c"));
      equal(await said.next(), "second c", "the first handler is off");
    },
  },
  {
    name: "a handler that is added once the link is up",
    async run(cell) {
      const link = await cell.connect({ test: { other() {} } });
      const heard = new Queue("message");
      link.test.on("message", (text) => heard.push(text));
      await promise(link.test.server.push("a"));
      equal(await heard.next(), "a");
    },
  },
];
