// A chat as ASP.NET MVC applications had it with SignalR 2: what one says is
// shown on everybody's page.

import { addLine, connected, onSend } from "./chat.js";
import { connect } from "./classic.js";

connect(
  () => {
    const chat = $.connection.chatHub;
    chat.client.addNewMessageToPage = (name, message) => addLine(name, message);
    onSend((name, message) => chat.server.send(name, message));
  },
  () => $.connection.hub.start().done(connected),
);
