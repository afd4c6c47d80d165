// All suites, and how they are run: by run.mjs in Node, by a page in Chromium.
import { Cell, testGuard, within } from "./kit.mjs";
import { tests as access } from "./access.mjs";
import { tests as calls } from "./calls.mjs";
import { tests as life } from "./life.mjs";
import { tests as links } from "./links.mjs";
import { tests as results } from "./results.mjs";
import { tests as streams } from "./streams.mjs";
import { tests as targets } from "./targets.mjs";
import { tests as uploads } from "./uploads.mjs";
import { tests as values } from "./values.mjs";

const all = [
  calls, values, streams, uploads, results, targets, life, links, access,
].flat();

/**
 * binaryOverText is why a cell has one test: what must happen is the error that
 * the client gives.
 */
const binaryOverText =
  "server-sent events are text and MessagePack is binary: the client refuses the pair, which a test of its own sees";

/**
 * run runs every test in one place of the matrix, or those whose names have one
 * of the parts that only names, a|b, one after the other, and tells
 * what became of each: {name, outcome, text}. An outcome is ok, failed, or not:
 * then text is why the test has no place there.
 */
export async function run(place, only = "", tell) {
  const cell = new Cell(place);
  const impossible = cell.binary && cell.over("ServerSentEvents");
  for (const test of all) {
    if (!only.split("|").some((part) => test.name.includes(part))) continue;
    const not = impossible && !test.impossible ? binaryOverText : test.not?.(cell);
    const became = not ? { outcome: "not", text: not } : await outcome(cell, test);
    tell({ name: test.name, ...became });
  }
}

async function outcome(cell, test) {
  cell.begin();
  try {
    await within(test.run(cell), "the test", testGuard);
    return { outcome: "ok", text: "" };
  } catch (error) {
    const said = cell.log.slice(-25).join("\n    ");
    const text = `${error?.stack ?? error}\n  the client's log:\n    ${said}`;
    return { outcome: "failed", text };
  } finally {
    await cell.end();
  }
}
