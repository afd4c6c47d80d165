// Prints what options.mjs makes of the wrangler.jsonc in each folder, and what wrangler
// makes of it: the members that the former has.
import path from "node:path";
import { unstable_getMiniflareWorkerOptions as wrangler } from "wrangler";
import { options } from "../options.mjs";

const both = [];
for (const dir of process.argv.slice(2)) {
  const ours = await options(dir);
  const theirs = wrangler(path.join(dir, "wrangler.jsonc")).workerOptions;
  both.push({ ours, theirs: { name: ours.name, ...theirs } });
}
console.log(JSON.stringify(both));
