// One of two connected parts, as they were made with SignalR 2: what one says
// both show, and every other part that is connected.

import { addLine, connected, onSend } from "./chat.js";
import { connect } from "./classic.js";

connect(
  () => {
    const chat = $.connection.chatHub;
    chat.client.broadcastMessage = (name, message) => addLine(name, message);
    onSend((name, message) => chat.server.send(name, message));
  },
  () => $.connection.hub.start().done(connected),
);
