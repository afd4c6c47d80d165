// Loads the part's program, shows how far it is, and starts it.
"use strict";

const { base, wasm, length } = document.currentScript.dataset;
const loader = document.getElementById("loader");

// go-app asks for its settings by this name: what every path of ours begins with,
// and where the files are that a part calls /web/...
globalThis.goappGetenv = (name) =>
  ({
    GOAPP_ROOT_PREFIX: base,
    GOAPP_STATIC_RESOURCES_URL: base + "/web",
  })[name] ?? "";

// Go (1.26) can forget to wake up: when it tidies up stopped timers and then has
// nothing to do, it waits for the next timer in its heap, and overlooks one that
// was reset to be earlier. Drawing anew waits for such a timer, so that a part
// said for 15 s that it connects. Asked once more Go looks at the right one; so it
// is asked once more after everything that wakes it.
function wakeTwice(go) {
  const resume = go._resume.bind(go);
  let asked = false;
  go._resume = () => {
    resume();
    if (!asked) {
      asked = true;
      setTimeout(() => {
        asked = false;
        if (!go.exited) {
          resume();
        }
      });
    }
  };
}

async function load() {
  const go = new Go();
  wakeTwice(go);
  const response = await fetch(wasm);
  if (!response.ok) {
    throw new Error(`${wasm}: ${response.status}`);
  }
  // Counted on a copy: a browser keeps compiled code only for a response that
  // comes as it was fetched.
  count(response.clone());
  const { instance } = await WebAssembly.instantiateStreaming(
    response,
    go.importObject,
  );
  const ended = go.run(instance);
  loader.remove();
  await ended;
  // It only ends by a panic, which it has told the console.
  show(loader.dataset.stopped);
}

// show says what went wrong.
function show(words) {
  document.body.append(loader);
  loader.querySelector("progress").hidden = true;
  loader.querySelector("[role=alert]").textContent = words;
}

// count shows how much has come. The length is that of the plain program, as
// are the bytes: the browser has unpacked them.
async function count(response) {
  const bar = loader.querySelector("progress");
  let loaded = 0;
  for await (const chunk of chunks(response.body)) {
    loaded += chunk.byteLength;
    bar.value = loaded / length;
  }
}

async function* chunks(body) {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    if (done) {
      return;
    }
    yield value;
  }
}

load().catch((error) => {
  console.error(error);
  show(loader.dataset.failed);
});

// The part works without a service worker, and in a frame it may be refused.
// In a document without it, the property is not there or throws.
try {
  navigator.serviceWorker.register(base + "/worker.js").catch(() => {});
} catch {
  // Nothing depends on it.
}
