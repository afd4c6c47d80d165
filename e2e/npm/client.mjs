// The unmodified npm client, driven by lines of JSON: it is told what to do on
// its input and says what happens on its output.
//
//   node client.mjs URL [transport [token]]
//   -> {"invoke": "Send", "args": ["name", "message"]}
//   <- {"state": "connected"}  {"event": ["name", "message"]}  {"result": null}  {"error": "..."}
import * as readline from "node:readline";
import {
  HttpTransportType,
  HubConnectionBuilder,
  LogLevel,
} from "@microsoft/signalr";

const say = (what) => {
  process.stdout.write(JSON.stringify(what) + "\n");
};

const [, , url, transport, token] = process.argv;
const connection = new HubConnectionBuilder()
  .withUrl(url, {
    ...(transport && { transport: HttpTransportType[transport] }),
    ...(token && { accessTokenFactory: () => token }),
  })
  .configureLogging(LogLevel.Warning)
  .build();
connection.on("broadcastMessage", (name, message) =>
  say({ event: [name, message] }),
);
connection.onclose((error) =>
  say(error ? { state: "closed", error: error.message } : { state: "closed" }),
);
await connection.start();
say({ state: "connected" });

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { invoke, args } = JSON.parse(line);
  try {
    say({ result: (await connection.invoke(invoke, ...args)) ?? null });
  } catch (error) {
    say({ error: error.message });
  }
}
await connection.stop();
