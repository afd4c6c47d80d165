// The chat on an example's page, for the example's own script: who writes, what
// they write, the lines that are shown, and words for how the connection is. It
// knows nothing of SignalR.

const chat = document.querySelector("[data-hub]");
const state = chat.querySelector(".chat-state");
const log = chat.querySelector(".chat-log");
const list = log.querySelector("ol");
const form = chat.querySelector("form");
const problem = chat.querySelector(".chat-problem");
const { name, message, send, again } = form.elements;

// hub is the address of the page's hub.
export const hub = chat.dataset.hub;

name.value ||= "User " + (100 + (crypto.getRandomValues(new Uint16Array(1))[0] % 900));

// onSend sends what is written: send(name, text) gives a promise, and a line that
// is refused comes back to its box with the reason.
export function onSend(sendLine) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = message.value;
    if (text.trim() === "" || send.disabled) {
      return;
    }
    problem.textContent = "";
    isTyping = false;
    message.value = "";
    try {
      await sendLine(name.value, text);
    } catch (error) {
      problem.textContent = "It was not sent: " + error.message;
      message.value ||= text;
    }
  });
}

// addLine shows a line and keeps the newest in sight, unless somebody reads
// further up.
export function addLine(who, text, kind) {
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

let isTyping = false;

// onTyping tells once of each message that is begun: tell(name).
export function onTyping(tell) {
  message.addEventListener("input", () => {
    if (!isTyping && !send.disabled) {
      isTyping = true;
      tell(name.value);
    }
  });
}

// How long somebody is said to be typing who then sends nothing.
const typingEnds = 60_000;
const typing = new Map(); // a sender's line, and the timer that removes it

// showTyping says that somebody is writing.
export function showTyping(senderId, senderName) {
  stopTyping(senderId);
  const line = addLine(senderName, "is typing …", "chat-typing");
  typing.set(senderId, [line, setTimeout(() => stopTyping(senderId), typingEnds)]);
}

// stopTyping takes back what showTyping has said of a sender.
export function stopTyping(senderId) {
  const [line, timer] = typing.get(senderId) ?? [];
  clearTimeout(timer);
  line?.remove();
  typing.delete(senderId);
}

// newId is what a page calls itself that no other does. Not crypto.randomUUID,
// which pages over plain HTTP do not have.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}

let begin = () => {};
again.addEventListener("click", () => begin());

// start connects, now and whenever somebody asks for it again: connect() leads
// to connected or disconnected.
export function start(connect) {
  begin = () => {
    state.textContent = "Connecting";
    problem.textContent = "";
    again.hidden = true;
    connect();
  };
  begin();
}

// connected lets people write.
export function connected() {
  state.textContent = "Connected";
  message.disabled = send.disabled = false;
  isTyping = false;
  if (document.activeElement === document.body && window === window.top) {
    message.focus({ preventScroll: true });
  }
}

// say puts into words how a connection is that still stands.
export function say(words) {
  state.textContent = words;
}

// interrupted says that the connection is being made again. Who writes goes on.
export function interrupted() {
  state.textContent = "Reconnecting";
  send.disabled = true;
}

// disconnected says why, and offers to connect again.
export function disconnected(error) {
  const hadFocus = form.contains(document.activeElement);
  state.textContent = "Not connected";
  problem.textContent = error ? error.message : "The hub has ended the connection.";
  message.disabled = send.disabled = true;
  again.hidden = false;
  if (hadFocus) {
    again.focus();
  }
}

// unable says why the page cannot connect as it was loaded, and offers to load
// it again.
export function unable(error) {
  begin = () => location.reload();
  disconnected(error);
}
