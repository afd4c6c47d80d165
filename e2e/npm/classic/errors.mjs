// What goes wrong in a call, in the words that pages match.
import { equal, truth } from "/suite/kit.mjs";
import { fails, hear, promise, rejection } from "./kit.mjs";

/** inside is the text for errors that stay inside: names as they were sent. */
const inside = (hub, method) => `There was an error invoking Hub method '${hub}.${method}'.`;

export const tests = [
  {
    name: "hub errors, with data",
    async run(cell) {
      const { classicHub, test } = await cell.connect();
      const error = await fails(classicHub.server.refuse("no milk", 3), "no milk");
      equal(error.source, "HubException");
      equal(error.data, { Name: "no milk", X: 3, Y: 0 });
      const plain = await fails(test.server.fail("public", "only words"), "only words");
      equal(plain.source, "HubException");
      truth(plain.data === undefined || plain.data === null, "there is no data");
    },
  },
  {
    name: "errors that stay inside",
    async run(cell) {
      const { test } = await cell.connect();
      for (const how of ["plain", "panic"]) {
        const error = await fails(test.server.fail(how, "a secret"), inside("test", "Fail"));
        equal(error.source, "Exception");
      }
      equal(await promise(test.server.echo("still here")), "still here");
    },
  },
  {
    name: "an unknown method, too many arguments and too few",
    async run(cell) {
      const { test } = await cell.connect();
      await fails(test.invoke("NoSuchMethod", 1), inside("test", "NoSuchMethod"));
      for (const args of [[], ["a", "b"], Array(64).fill(0)])
        await fails(test.invoke("Echo", ...args), inside("test", "Echo"));
      await fails(test.invoke("Echo", ...Array(65)), "the invocation is malformed: it has more than 64 arguments");
      equal(await promise(test.server.echo("still here")), "still here");
    },
  },
  {
    name: "an argument of another type",
    async run(cell) {
      const { test } = await cell.connect();
      await fails(test.server.echo({ no: "text" }), inside("test", "Echo"));
      equal(await promise(test.server.echo("still here")), "still here");
    },
  },
  {
    name: "a method for some",
    async run(cell) {
      const { test } = await cell.connect();
      await fails(test.server.admin(), inside("test", "Admin"));
      const token = await cell.token("user=bob&role=admin");
      const link = await cell.connect(undefined, "/signalr", { qs: { access_token: token } });
      equal(await promise(link.test.server.admin()), "at your service, bob");
    },
  },
  {
    name: "a hub that the page has no handler for: calls are answered, pushes not heard",
    async run(cell) {
      const link = cell.open();
      const heard = hear(link.test, "message");
      await cell.start(link);
      equal(await promise(link.otherHub.server.echo("unlisted")), "unlisted");
      await promise(link.otherHub.server.push("nobody hears this"));
      await promise(link.test.server.push("and this is heard"));
      equal(await heard.next(), "and this is heard");
      equal(link.errors, []);
    },
  },
  {
    name: "a call to a hub that is not there",
    async run(cell) {
      const link = cell.open();
      const nowhere = link.connection.createHubProxy("nowhereHub");
      const heard = hear(link.test, "message");
      await cell.start(link);
      await fails(nowhere.invoke("Echo", "a"), "'nowherehub' Hub could not be resolved.");
      await promise(link.test.server.push("still here"));
      equal(await heard.next(), "still here");
    },
  },
  {
    name: "a page that lists a hub that is not there",
    async run(cell) {
      const link = cell.open();
      link.connection.createHubProxy("nowhereHub").on("message", () => {});
      const { message } = await rejection(link.connection.start({ transport: cell.transport }));
      const refused = "Error during negotiation request.";
      truth(message.startsWith(refused), `${message} begins with ${refused}`);
      equal(link.states.at(-1), "disconnected");
    },
  },
  {
    name: "errors in detail, where the hub tells them",
    async run(cell) {
      const { test } = await cell.connect(undefined, "/detailed");
      await fails(test.server.fail("public", "no milk"), "no milk");
      await fails(test.server.fail("plain", "it broke"), "it broke");
      await fails(
        test.invoke("NoSuchMethod", 1),
        "'NoSuchMethod' method could not be resolved. No method found with that name.",
      );
      const { message } = await rejection(test.invoke("Echo", "a", "b"));
      const candidates = "'Echo' method could not be resolved. Potential candidates are: ";
      truth(message.startsWith(candidates), `${message} begins with ${candidates}`);
      truth(message.includes("Echo("), `${message} names the candidate`);
      await fails(test.server.admin(), "Caller is not authorized to invoke the Admin method on test.");
    },
  },
];
