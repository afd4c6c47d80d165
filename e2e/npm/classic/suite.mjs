// All classic suites, and how a page runs them.
import { testGuard, within } from "/suite/kit.mjs";
import { Cell } from "./kit.mjs";
import { tests as access } from "./access.mjs";
import { tests as calls } from "./calls.mjs";
import { tests as errors } from "./errors.mjs";
import { tests as hostile } from "./hostile.mjs";
import { tests as life } from "./life.mjs";
import { tests as persistent } from "./persistent.mjs";
import { tests as targets } from "./targets.mjs";
import { tests as transports } from "./transports.mjs";

const all = [calls, errors, targets, life, persistent, transports, access, hostile].flat();

/**
 * run runs every test in one place of the matrix, or those whose names have one
 * of the parts that only names, a|b, one after the other, and returns what became
 * of each: {name, outcome, text}. An outcome is ok, failed, or not: then text is
 * why the test has no place there.
 */
export async function run(place, only = "") {
  const cell = new Cell(place);
  const outcomes = [];
  for (const test of all) {
    if (!only.split("|").some((part) => test.name.includes(part))) continue;
    const not = test.not?.(cell);
    const became = not ? { outcome: "not", text: not } : await outcome(cell, test);
    outcomes.push({ name: test.name, ...became });
  }
  return outcomes;
}

async function outcome(cell, test) {
  cell.begin();
  try {
    await within(test.run(cell), "the test", testGuard);
    return { outcome: "ok", text: "" };
  } catch (error) {
    const said = cell.log.slice(-25).join("\n    ");
    const text = `${error?.stack ?? error?.message ?? error}\n  the client's log:\n    ${said}`;
    return { outcome: "failed", text };
  } finally {
    await cell.end();
  }
}
