// A chat of peers with SignalR 2: what one says, and that one is writing, all
// others hear, those too that have come with ASP.NET Core SignalR.

import { addLine, connected, disconnected, newId, onSend, onTyping, showTyping, stopTyping } from "./chat.js";
import { connect } from "./classic.js";

connect(
  () => {
    const id = newId();
    const chatHub = $.connection.chatHub;
    chatHub.client.broadcastMessage = (senderId, senderName, message) => {
      stopTyping(senderId);
      addLine(senderName, message);
    };
    chatHub.client.typing = showTyping;
    onTyping((name) => chatHub.server.sendTyping(id, name));
    onSend((name, text) => chatHub.server.send(id, name, text).then(() => addLine(name, text, "chat-own")));
  },
  () => $.connection.hub.start().done(connected).fail(disconnected),
);
