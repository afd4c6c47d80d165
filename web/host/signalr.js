// A page of the kind that people bring along: a chat of peers over ASP.NET Core
// SignalR. What it calls and hears is what such pages call and hear; of Partline
// it knows an address.

import { addLine, connected, disconnected, hub, newId, onSend, onTyping, showTyping, start, stopTyping } from "./chat.js";

const id = newId();
const chatHub = new signalR.HubConnectionBuilder().withUrl(hub).build();

chatHub.on("broadcastMessage", (senderId, senderName, text) => {
  stopTyping(senderId);
  addLine(senderName, text);
});
chatHub.on("typing", showTyping);
chatHub.onclose(disconnected);

onTyping((name) => chatHub.invoke("sendTyping", id, name).catch(() => {}));
onSend((name, text) => chatHub.invoke("send", id, name, text).then(() => addLine(name, text, "chat-own")));

start(() => chatHub.start().then(connected, disconnected));
