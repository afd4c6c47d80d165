// A page of the kind that people bring along: a chat of peers over ASP.NET Core
// SignalR. What it calls and hears is what such pages call and hear; of Partline
// it knows an address.
"use strict";

const chat = document.querySelector("[data-hub]");
const state = chat.querySelector(".chat-state");
const log = chat.querySelector(".chat-log");
const list = log.querySelector("ol");
const form = chat.querySelector("form");
const problem = chat.querySelector(".chat-problem");
const { name, message, send, again } = form.elements;

// Not crypto.randomUUID, which pages over plain HTTP do not have.
const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
name.value = "User " + (100 + (crypto.getRandomValues(new Uint16Array(1))[0] % 900));
let isTyping = false;

// How long somebody is said to be typing who then sends nothing.
const typingEnds = 60_000;
const typing = new Map(); // a sender's line, and the timer that removes it

const chatHub = new signalR.HubConnectionBuilder().withUrl(chat.dataset.hub).build();

chatHub.on("broadcastMessage", (senderId, senderName, text) => {
  stopTyping(senderId);
  addLine(senderName, text);
});

chatHub.on("typing", (senderId, senderName) => {
  stopTyping(senderId);
  const line = addLine(senderName, "is typing …", "chat-typing");
  typing.set(senderId, [line, setTimeout(() => stopTyping(senderId), typingEnds)]);
});

chatHub.onclose((error) => disconnected(error));

function stopTyping(senderId) {
  const [line, timer] = typing.get(senderId) ?? [];
  clearTimeout(timer);
  line?.remove();
  typing.delete(senderId);
}

message.addEventListener("input", () => {
  if (!isTyping) {
    isTyping = true;
    chatHub.invoke("sendTyping", id, name.value).catch(() => {});
  }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value;
  if (text.trim() === "" || message.disabled) {
    return;
  }
  problem.textContent = "";
  isTyping = false;
  message.value = "";
  const sender = name.value;
  chatHub.invoke("send", id, sender, text).then(
    () => addLine(sender, text, "chat-own"),
    (error) => {
      problem.textContent = "It was not sent: " + error.message;
      message.value ||= text;
    },
  );
});

again.addEventListener("click", () => connect());

// addLine shows a line and keeps the newest in sight, unless somebody reads
// further up.
function addLine(who, text, kind) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  const line = document.createElement("li");
  if (kind) {
    line.className = kind;
  }
  const sender = document.createElement("b");
  sender.textContent = who;
  sender.dir = "auto";
  const said = document.createElement("span");
  said.textContent = text;
  said.dir = "auto";
  line.append(sender, " ", said);
  list.append(line);
  const most = 500;
  if (list.children.length > most) {
    list.firstChild.remove();
  }
  if (atEnd) {
    log.scrollTop = log.scrollHeight;
  }
  return line;
}

function connect() {
  state.textContent = "Connecting";
  problem.textContent = "";
  again.hidden = true;
  chatHub.start().then(
    () => {
      state.textContent = "Connected";
      message.disabled = send.disabled = false;
      isTyping = false;
      if (document.activeElement === document.body) {
        message.focus({ preventScroll: true });
      }
    },
    (error) => disconnected(error),
  );
}

function disconnected(error) {
  const hadFocus = form.contains(document.activeElement);
  state.textContent = "Not connected";
  problem.textContent = error ? error.message : "The hub has ended the connection.";
  message.disabled = send.disabled = true;
  again.hidden = false;
  if (hadFocus) {
    again.focus();
  }
}

connect();
