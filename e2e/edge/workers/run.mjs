// Runs rooms under workerd, with front.mjs before them and plain.mjs beside them, all in
// one process. It reads one line of JSON, which says what to run,
//
//	{"worker": "server/edge/worker", "modules": ["room.mjs", "room.wasm"], "data": "storage"}
//
// where the first module is the room's, and vars, if there are any, its variables. It
// writes one line, {"url": "http://...", "pid": 1}, when they answer: pid is workerd's.
// What they log goes to the standard error output. It ends with its input, or with
// SIGTERM.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

const input = createInterface({ input: process.stdin });
const config = JSON.parse(await new Promise((resolve) => input.once("line", resolve)));
const require = createRequire(path.resolve(config.worker, "package.json"));
const { Log, LogLevel, Miniflare } = require("miniflare");

const kinds = { ".mjs": "ESModule", ".js": "ESModule", ".wasm": "CompiledWasm" };

function module(file) {
  const type = kinds[path.extname(file)];
  const content = readFileSync(file);
  // All stand in one folder, wherever they come from.
  return { type, path: path.join("/modules", path.basename(file)), contents: type === "ESModule" ? content.toString() : content };
}

const common = { compatibilityDate: "2026-04-01", modulesRoot: "/modules" };
const here = (name) => module(path.join(import.meta.dirname, name));
const workers = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  cf: false,
  durableObjectsPersist: config.data,
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio(...streams) {
    for (const stream of streams) {
      createInterface({ input: stream }).on("line", (text) => process.stderr.write(`${text}\n`));
    }
  },
  workers: [
    {
      ...common,
      name: "front",
      modules: [here("front.mjs")],
      durableObjects: {
        ROOMS: { className: "Room", scriptName: "room", useSQLite: true },
        PLAIN: { className: "Plain", scriptName: "plain", useSQLite: true },
      },
    },
    {
      ...common,
      name: "room",
      modules: config.modules.map(module),
      durableObjects: { ROOMS: { className: "Room", useSQLite: true } },
      bindings: config.vars ?? {},
    },
    {
      ...common,
      name: "plain",
      modules: [here("plain.mjs")],
      durableObjects: { PLAIN: { className: "Plain", useSQLite: true } },
    },
  ],
});

let ending;
function end() {
  ending ??= workers.dispose().finally(() => process.exit());
}
process.on("SIGTERM", end);
process.on("SIGINT", end);
input.on("close", end);

const url = await workers.ready;
const [pid] = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").map(Number);
console.log(JSON.stringify({ url: url.origin, pid }));
