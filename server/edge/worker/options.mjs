// What wrangler.jsonc says of a Worker, as miniflare takes it. Only what the two files
// here say is known; wrangler does the same in two seconds of a processor.
import { readFile } from "node:fs/promises";
import path from "node:path";

// options are those of the Worker whose wrangler.jsonc is in the folder dir.
export async function options(dir) {
  const text = await readFile(path.join(dir, "wrangler.jsonc"), "utf8");
  const said = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ""));
  const sqlite = (said.migrations ?? []).flatMap((one) => one.new_sqlite_classes);
  const objects = (said.durable_objects?.bindings ?? []).map((one) => {
    const own = one.script_name ? { scriptName: one.script_name } : { useSQLite: sqlite.includes(one.class_name) };
    return [one.name, { className: one.class_name, ...own }];
  });
  return {
    name: said.name,
    compatibilityDate: said.compatibility_date,
    bindings: said.vars ?? {},
    durableObjects: Object.fromEntries(objects),
    ratelimits: Object.fromEntries((said.ratelimits ?? []).map(({ name, simple }) => [name, { simple }])),
    ...(said.assets ? { assets: assets(said.assets, dir) } : {}),
  };
}

function assets(said, dir) {
  const first = said.run_worker_first;
  return {
    directory: path.resolve(dir, said.directory),
    binding: said.binding,
    routerConfig: {
      has_user_worker: true,
      static_routing: {
        user_worker: first.filter((rule) => !rule.startsWith("!")),
        asset_worker: first.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1)),
      },
    },
    assetConfig: { html_handling: said.html_handling, not_found_handling: said.not_found_handling },
  };
}
