// One place of the matrix, in Node: the suites over the unmodified npm client.
//
//   node run.mjs '{"base": "http://...", "control": "http://...", "transport":
//   "WebSockets", "protocol": "json"}' [a part of a test's name]
//
// What became of each test is a line of JSON.
import { createRequire } from "node:module";
import * as signalR from "@microsoft/signalr";
import * as msgpack from "@microsoft/signalr-protocol-msgpack";
import { run } from "./suite/suite.mjs";

const require = createRequire(import.meta.url);
const { HttpConnection } = require("@microsoft/signalr/dist/cjs/HttpConnection.js");
const client = { signalR, msgpack, HttpConnection, WebSocket: require("ws") };

// The client leaves some of its promises to themselves when a connection ends;
// a browser only notes that, and so does this.
process.on("unhandledRejection", (error) => console.error(`unhandled: ${error?.message}`));

const [, , place, only] = process.argv;
await run(
  { ...JSON.parse(place), platform: "Node", ...client },
  only,
  (outcome) => console.log(JSON.stringify(outcome)),
);
process.exit(0); // a poll that was aborted keeps its socket for a while
