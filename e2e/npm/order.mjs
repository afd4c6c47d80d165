// Many calls with a push in each, as fast as the client can:
//
//   node order.mjs '{"base": "http://...", "path": "/testhub", ...}' COUNT
import { Steps, connect, tell } from "./place.mjs";

const count = Number(process.argv[3]);
const connection = await connect();
const steps = new Steps(connection, 500);
await steps.until(() => steps.answered === count, count);
const { pushed, answered } = steps;
await connection.stop();
tell({ pushed, answered });
