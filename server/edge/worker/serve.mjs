// Runs both Workers on this machine, under workerd, as wrangler would: edge serve
// starts it. It reads one line of JSON, which says what to run,
//
//	{"dir": "bin/edge", "host": "localhost", "port": 8787, "data": ".cache/edge",
//	 "vars": {"gateway": {"ORIGIN": ""}, "room": {}}, "modules": {"room.wasm": "other.wasm"}}
//
// and writes one line, {"url": "http://localhost:8787"} when they answer, or {"error":
// "..."}. What the Workers log goes to the standard error output. It ends with its input,
// or with SIGTERM.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { Log, LogLevel, Miniflare } from "miniflare";
import { options } from "./options.mjs";

const kinds = { ".mjs": "ESModule", ".js": "ESModule", ".wasm": "CompiledWasm" };

let workers;
let ending;
const input = createInterface({ input: process.stdin });
input.on("close", end);
process.on("SIGTERM", end);
process.on("SIGINT", end);

const config = JSON.parse(await new Promise((resolve) => input.once("line", resolve)));
const both = [await worker("gateway"), await worker("room")];
workers = new Miniflare({
  host: config.host,
  port: config.port,
  cf: false,
  durableObjectsPersist: config.data,
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio,
  workers: both,
});
try {
  const url = await workers.ready;
  console.log(JSON.stringify({ url: url.origin }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
  end();
}

// end ends workerd, which outlives a process that does not, and then this process.
async function end() {
  ending ??= workers?.dispose();
  await ending;
  process.exit();
}

// worker is what runs one of the two, as its file for wrangler says it.
async function worker(name) {
  const dir = path.resolve(config.dir, name);
  const modulesRoot = path.join(dir, "modules");
  const main = path.join(modulesRoot, `${name}.mjs`);
  const files = (await readdir(modulesRoot)).map((file) => path.join(modulesRoot, file));
  files.sort((a, b) => (b === main) - (a === main)); // the first is run
  const said = await options(dir);
  return {
    ...said,
    bindings: { ...said.bindings, ...config.vars[name] },
    modulesRoot,
    modules: await Promise.all(files.map(module)),
  };
}

// module is one module; those that have been built elsewhere come from there.
async function module(file) {
  const type = kinds[path.extname(file)];
  const content = await readFile(config.modules?.[path.basename(file)] ?? file);
  return { type, path: file, contents: type === "ESModule" ? content.toString() : content };
}

// handleRuntimeStdio passes on, line by line, what the Workers log.
function handleRuntimeStdio(out, err) {
  for (const stream of [out, err]) {
    createInterface({ input: stream }).on("line", (text) => process.stderr.write(`${text}\n`));
  }
}
