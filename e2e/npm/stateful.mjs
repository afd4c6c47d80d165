// A connection with stateful reconnect whose socket is cut again and again, under
// traffic both ways:
//
//   node stateful.mjs '{"base": "http://...", "control": "http://...", ...}' CUTS SEED
import { Steps, connect, place, tell } from "./place.mjs";

const [cuts, seed] = process.argv.slice(3).map(Number);

/** random is a row of numbers from 0 to 1 that a seed brings again. */
let state = seed >>> 0;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
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

for (let i = 0; i < cuts; i++) {
  // Some moment of the traffic: after so many answers, and so many ms.
  const goal = steps.answered + 1 + Math.floor(random() * 30);
  await steps.until(() => steps.answered >= goal);
  const moment = random() * 5;
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
  cuts,
  called: steps.called,
  answered: steps.answered,
  pushed: steps.pushed,
  sameID: id === connection.connectionId && id === (await connection.invoke("ConnectionID")),
  group: await heard,
});
