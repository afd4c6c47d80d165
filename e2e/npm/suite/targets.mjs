// Whom the hub reaches.
import { equal, hear } from "./kit.mjs";

/** three connections and what each hears. */
async function three(cell, how = () => undefined) {
  const people = [];
  for (let i = 0; i < 3; i++) {
    const c = await cell.connect("/testhub", how(i));
    people.push({ c, id: await c.invoke("ConnectionID"), heard: hear(c, "message") });
  }
  return people;
}

/**
 * told has the first person tell a target, and gives who hears it. Everybody
 * hears the line after it, which so ends the wait.
 */
async function told(people, whom, ...rest) {
  await people[0].c.invoke("Tell", whom, "line", ...rest);
  const ids = people.map((p) => p.id);
  await people[0].c.invoke("Tell", "clients", "end", ids);
  const hearing = [];
  for (const [i, p] of people.entries()) {
    for (let text; (text = await p.heard.next()) !== "end"; ) hearing.push(`${i} ${text}`);
  }
  return hearing.map((h) => h.replace(" line", ""));
}

export const tests = [
  {
    name: "caller, others, clients, except",
    async run(cell) {
      const people = await three(cell);
      const [, one, two] = people.map((p) => p.id);
      equal(await told(people, "caller", []), ["0"]);
      equal(await told(people, "others", []), ["1", "2"]);
      equal(await told(people, "allExcept", [], [one]), ["0", "2"]);
      equal(await told(people, "client", [two]), ["2"]);
      equal(await told(people, "client", ["nobody"]), []);
      equal(await told(people, "clients", [one, two, one]), ["1", "2"]);
      equal(await told(people, "all", []), ["0", "1", "2"]);
    },
  },
  {
    name: "groups",
    async run(cell) {
      const people = await three(cell);
      const [zero, one] = people.map((p) => p.id);
      await people[0].c.invoke("Join", "red");
      await people[1].c.invoke("Join", "red");
      await people[1].c.invoke("Join", "red");
      await people[1].c.invoke("Join", "größer 🙂");
      await people[2].c.invoke("Join", "Red");
      equal(await told(people, "group", ["red"]), ["0", "1"]);
      equal(await told(people, "group", ["nobody's"]), []);
      equal(await told(people, "groups", ["red", "größer 🙂", "Red"]), ["0", "1", "2"]);
      equal(await told(people, "groupExcept", ["red"], [one]), ["0"]);
      equal(await told(people, "othersInGroup", ["red"]), ["1"]);
      equal(await told(people, "groupExcept", ["red"], [zero, one]), []);
      await people[1].c.invoke("Leave", "red");
      await people[1].c.invoke("Leave", "never joined");
      equal(await told(people, "group", ["red"]), ["0"]);
      await people[0].c.stop();
      await people[1].c.invoke("Tell", "group", "line", ["red"]);
    },
  },
  {
    name: "users",
    async run(cell) {
      const names = ["ann", "bob", "ann"];
      const people = await three(cell, (i) => ({
        options: { accessTokenFactory: () => cell.token(`user=${names[i]}`) },
      }));
      equal(await told(people, "user", ["ann"]), ["0", "2"]);
      equal(await told(people, "user", ["Ann"]), []);
      equal(await told(people, "users", ["ann", "bob", "carol"]), ["0", "1", "2"]);
    },
  },
];
