// A connection with stateful reconnect whose socket is cut again and again, under
// traffic both ways:
//
//   node stateful.mjs '{"base": "http://...", "control": "http://...", ...}' '[3, 14, ...]'
//
// Each number is a cut, and says at which moment of the traffic it comes.
import { Steps, connect, place, tell } from "./place.mjs";

const cuts = JSON.parse(process.argv[3]);

/** random is a row of numbers from 0 to 1 that belongs to a cut. */
function random(cut) {
  let state = cut;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 2 ** 32;
  };
}

const connection = await connect((builder) =>
  builder.withStatefulReconnect().withAutomaticReconnect(),
);
const id = connection.connectionId;
const steps = new Steps(connection, 20);
connection.onreconnecting((error) => steps.fail(`it reconnects: ${error?.message}`));
connection.onclose((error) => steps.fail(`it is closed: ${error?.message}`));
await connection.invoke("Join", "kept");
const heard = new Promise((done) => connection.on("message", done));

for (const cut of cuts) {
  // Some moment of the traffic: after so many answers, and so many ms.
  const next = random(cut);
  const goal = steps.answered + 1 + Math.floor(next() * 30);
  await steps.until(() => steps.answered >= goal);
  const moment = next() * 5;
  steps.call();
  await new Promise((done) => setTimeout(done, moment));
  steps.call();
  await fetch(`${place.control}/cut`, { method: "POST" });
  // The client tries once: it is cut again only when a call of the new socket
  // was answered, which takes a Sequence both ways.
  const after = steps.called + 1;
  await steps.until(() => steps.answered >= after);
}
const all = steps.called;
await steps.until(() => steps.answered === all, all);
await connection.invoke("Tell", "group", "still in it", ["kept"]);
tell({
  cuts: cuts.length,
  called: steps.called,
  answered: steps.answered,
  pushed: steps.pushed,
  sameID: id === connection.connectionId && id === (await connection.invoke("ConnectionID")),
  group: await heard,
});
