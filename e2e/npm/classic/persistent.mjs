// Persistent connections: bytes instead of a hub's messages.
import { equal } from "/suite/kit.mjs";

const greeting = "你好 größer עברית 🙂\u2028</script>";

export const tests = [
  {
    name: "a persistent connection hears what it says",
    async run(cell) {
      const link = await cell.start(cell.openRaw("/echo"));
      for (const said of ["a", greeting, "", "0", '{"not":"parsed"}', "x".repeat(10_000)]) {
        if (said === "") continue; // the client's form has no data then
        link.connection.send(said);
        equal(await link.heard.next(), said);
      }
      link.connection.send({ an: ["object", null] });
      equal(await link.heard.next(), '{"an":["object",null]}', "an object, as the text that it was sent as");
    },
  },
  {
    name: "a persistent connection: groups, others and everybody",
    async run(cell) {
      const links = await Promise.all([1, 2, 3].map(() => cell.start(cell.openRaw("/room"))));
      const [ann, bob, cid] = links;
      const room = `room of ${ann.connection.id}`;
      const say = async (link, said) => {
        link.connection.send(said);
        equal(await link.heard.next(), { done: true });
      };
      await say(ann, { join: room });
      await say(bob, { join: room });
      await say(cid, { to: room, say: { to: "the group" } });
      for (const link of [ann, bob]) equal(await link.heard.next(), { to: "the group" });
      await say(bob, { leave: room });
      await say(cid, { to: room, say: "to the group of one" });
      equal(await ann.heard.next(), "to the group of one");
      ann.connection.send({ say: "to everybody" });
      for (const link of [bob, cid]) equal(await link.heard.next(), "to everybody");
    },
  },
  {
    name: "a persistent connection that is cut, and stops",
    async run(cell) {
      const link = await cell.start(cell.openRaw("/room"));
      const { id } = link.connection;
      const room = `room of ${id}`;
      link.connection.send({ join: room });
      equal(await link.heard.next(), { done: true });
      await cell.cut();
      await link.reconnected.next();
      equal(link.connection.id, id);
      link.connection.send({ to: room, say: "still in it" });
      equal([await link.heard.next(), await link.heard.next()].map((m) => m.done ?? m).sort(), ["still in it", true].sort());
      link.connection.stop();
      await link.ended.next();
    },
  },
];
