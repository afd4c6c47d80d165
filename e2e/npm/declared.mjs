// The chat of docs/declared-hubs.md: it says a line and hears it.
//
//   node declared.mjs '{"base": "http://...", "path": "/hubs/chatHub", ...}' NAME MESSAGE
import { connect, tell } from "./place.mjs";

const [, , , name, message] = process.argv;
const connection = await connect();
const heard = new Promise((done) => connection.on("addNewMessageToPage", (...args) => done(args)));
const answer = await connection.invoke("send", name, message);
const refused = await connection.invoke("Send", name, 1).catch((error) => error.message);
tell({ heard: await heard, answer, refused });
