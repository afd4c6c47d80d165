// Only under --dev: reloads the page when the program was rebuilt, and shows
// what the compiler says when it could not be.
"use strict";

// A browser opens six connections to one server, and a page of many parts would
// use them up with one stream each. So one page of the browser holds the stream
// and tells the others.
const channel = new BroadcastChannel("partline-dev");

// The build that this page was made by.
const build = "{{.Build}}";

function onStatus(status) {
  if (status.error === "" && status.build !== build) {
    location.reload();
    return;
  }
  showError(status.error);
}

function showError(text) {
  let overlay = document.getElementById("dev-error");
  if (!overlay) {
    overlay = document.createElement("pre");
    overlay.id = "dev-error";
    overlay.className = "dev-error";
    overlay.setAttribute("role", "alert");
    document.body.append(overlay);
  }
  overlay.textContent = text;
  overlay.hidden = text === "";
}

channel.addEventListener("message", (event) => onStatus(event.data));

function listen() {
  const events = new EventSource("{{.Base}}/dev/events");
  events.addEventListener("message", (event) => {
    const status = JSON.parse(event.data);
    onStatus(status);
    channel.postMessage(status);
  });
  return new Promise(() => {});
}

// Without locks (storage refused) each page holds a stream of its own.
if (navigator.locks) {
  navigator.locks.request("partline-dev", listen).catch(listen);
} else {
  listen();
}
