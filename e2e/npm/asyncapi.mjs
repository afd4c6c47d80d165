// The official AsyncAPI parser, and JSON Schema: reads a document, says what is
// wrong with it, and then of each line of input whether it is a message of the
// document.
//
//   node asyncapi.mjs DOCUMENT
//   <- {"wrong": []}
//   -> {"channel": "Test", "message": "Echo", "payload": {"type": 1, ...}}
//   <- {"wrong": []}
import { readFileSync } from "node:fs";
import * as readline from "node:readline";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import asyncapi from "@asyncapi/parser";

const say = (wrong) => console.log(JSON.stringify({ wrong }));

const text = readFileSync(process.argv[2], "utf8");
const { document, diagnostics } = await new asyncapi.Parser().parse(text);
// Severity 0 is an error, 1 a warning; below that it is advice.
say(diagnostics.filter((d) => d.severity < 2).map((d) => `${d.path.join("/")}: ${d.message}`));
if (!document) process.exit(1);

const ajv = new Ajv.default({ strict: false });
addFormats.default(ajv);
ajv.addSchema(JSON.parse(text), "document");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { channel, message, payload } = JSON.parse(line);
  const ok = ajv.validate(`document#/channels/${channel}/messages/${message}/payload`, payload);
  say(ok ? [] : ajv.errors.map((e) => `${e.instancePath}: ${e.message}`));
}
