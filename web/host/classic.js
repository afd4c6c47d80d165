// How the connection of a page of SignalR 2 is, in words. Such a page has three
// scripts before its own: jQuery, SignalR's, and the one that the server makes of
// its hubs.

import { connected, disconnected, hub, interrupted, say, start, unable } from "./chat.js";

// A connection that is slow is lost, or heard from, within this time.
const slowEnds = 10_000;

// connect runs listen, which names what the hub may call, and then begin, now
// and whenever somebody asks for it again.
export function connect(listen, begin) {
  const connection = window.jQuery?.connection?.hub;
  if (!window.jQuery?.connection?.chatHub) {
    unable(new Error(`The script ${hub}/hubs, which knows the hub's methods, did not come. Does the hub run?`));
    return;
  }
  let lost, heard;
  connection.url = hub; // the page is of another site than the hub
  connection.starting(() => (lost = undefined));
  connection.error((error) => (lost = error));
  connection.connectionSlow(() => {
    say("Connected, but nothing has come from the hub for some seconds");
    heard = setTimeout(() => say("Connected"), slowEnds);
  });
  connection.stateChanged(() => clearTimeout(heard));
  connection.reconnecting(interrupted);
  connection.reconnected(connected);
  connection.disconnected(() => disconnected(lost));
  listen();
  start(begin);
}
