// What values become on the wire and back.
import { equal, fails, hear, truth } from "./kit.mjs";

/** kinds are values of every type, as this protocol has them. */
function kinds(cell) {
  const place = cell.named({ Name: "Zürich", X: -8, Y: 47 });
  return cell.named({
    Yes: true,
    Small: -128,
    Whole: -2147483649,
    Large: Number.MIN_SAFE_INTEGER,
    Positive: Number.MAX_SAFE_INTEGER,
    Half: 1.7976931348623157e308,
    Third: 0.5,
    Text: "quote \" slash \\ tab \t 日本語 🙂",
    Bytes: cell.bytes(0x68, 0x65, 0x6c, 0x6c, 0x6f, 0, 255, 254),
    Moment: cell.moment("2002-04-01T10:20:15Z"),
    GUID: "00010203-0405-0607-0706-050403020100",
    Numbers: [1, 2, 3, 255],
    Texts: ["", "a"],
    Table: { one: 1, "zwölf und mehr": 12 },
    Place: place,
    Places: [place, cell.named({ Name: "", X: 0, Y: 0 })],
    Pointer: 7,
    Nobody: null,
    Colour: cell.binary ? "Blue" : 2,
    Level: 3,
  });
}

/** fixed are the values that the hub has of its own. */
function fixed(cell) {
  return cell.named({
    Yes: true,
    Small: 127,
    Whole: 1,
    Large: 1099511627776,
    Positive: 2,
    Half: 0.25,
    Third: 0.75,
    Text: "hello world",
    Bytes: cell.bytes(1, 2, 3),
    Moment: cell.moment("2000-01-01T00:00:00Z"),
    GUID: "00010203-0405-0607-0706-050403020100",
    Numbers: [1, 2, 3],
    Texts: null,
    Table: {},
    Place: cell.named({ Name: "here", X: 1, Y: -1 }),
    Places: [],
    Pointer: null,
    Nobody: cell.named({ Name: "", X: 0, Y: 0 }),
    Colour: cell.binary ? "Green" : 1,
    Level: -1,
  });
}

export const tests = [
  {
    name: "values of every type, there and back",
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("Kinds", kinds(cell)), kinds(cell));
    },
  },
  {
    name: "values of every type, from the hub",
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("FixedKinds"), fixed(cell));
    },
  },
  {
    name: "names of properties in any case, unknown ones skipped",
    async run(cell) {
      const c = await cell.connect();
      const heard = hear(c, "placed");
      await c.invoke("Place", { NAME: "a", x: 1, Y: 2, unknown: [{ a: null }] });
      equal(await heard.next(), cell.named({ Name: "a", X: 1, Y: 2 }));
      await c.send("Place", cell.named({ Name: "b" }));
      equal(await heard.next(), cell.named({ Name: "b", X: 0, Y: 0 }));
    },
  },
  {
    name: "names of properties as they were declared",
    not: (cell) => (cell.edge ? "the names in JSON are a mount's own to say, and a room has no mounts" : ""),
    async run(cell) {
      const c = await cell.connect("/declared");
      const heard = hear(c, "placed");
      const place = { Name: "a", X: 1, Y: 2 };
      await c.invoke("Place", place);
      equal(await heard.next(), place);
      const values = await c.invoke("Kinds", { Place: place, GUID: "g" });
      equal([values.Place, values.GUID], [place, "g"]);
    },
  },
  {
    name: "an enum by name in any case, digits or number",
    async run(cell) {
      const c = await cell.connect();
      const spellings = cell.binary ? ["blue", "BLUE", "2", 2] : [2];
      for (const colour of spellings) {
        const got = await c.invoke("Kinds", { Colour: colour });
        equal(got[cell.binary ? "Colour" : "colour"], cell.binary ? "Blue" : 2);
      }
    },
  },
  {
    name: "several arguments, the last optional",
    async run(cell) {
      const c = await cell.connect();
      equal(await c.invoke("Typed", 1, "b", [true, false]), "1 b [true false] none");
      equal(await c.invoke("Typed", 1, "b", [], 0.5), "1 b [] 0.5");
      equal(await c.invoke("Typed", 1, "b", null, null), "1 b [] none");
      await fails(
        c.invoke("Typed", 1, "b"),
        "Failed to invoke 'Typed' due to an error on the server.",
      );
      await fails(
        c.invoke("Typed", 1.5, "b", []),
        "Failed to invoke 'Typed' due to an error on the server.",
      );
    },
  },
  {
    name: "long messages from the hub",
    async run(cell) {
      const c = await cell.connect();
      for (const size of [0, 1, 4_095, 32_768, 65_536, 300_000]) {
        const text = await c.invoke("Size", size);
        equal(text.length, size);
        truth(/^(0123456789)*\d*$/.test(text), "every byte is in its place");
      }
    },
  },
  {
    name: "a message over 32 KiB ends the connection",
    async run(cell) {
      const c = await cell.connect();
      equal((await c.invoke("Echo", "x".repeat(32_000))).length, 32_000);
      const said = "Server returned an error on close: Connection closed with an error.";
      await fails(c.invoke("Echo", "x".repeat(33_000)), said);
      equal((await c.closes.next())?.message, said, "onclose's error");
    },
  },
  {
    name: "a raised limit takes more, and says when it ends",
    async run(cell) {
      const c = await cell.connect("/detailed");
      equal((await c.invoke("Echo", "x".repeat(900_000))).length, 900_000);
      const said =
        "Server returned an error on close: Connection closed with an error. " +
        "InvalidDataException: The maximum message size of 1048576B was exceeded. " +
        "The message size can be configured in AddHubOptions.";
      await fails(c.invoke("Echo", "x".repeat(1_100_000)), said);
    },
  },
];
