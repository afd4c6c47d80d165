// What a part knows of the page that it is in, before its program runs and beside
// it: who the other parts of the page are, what they say, and what the browser
// keeps. The program (app/frame) decides; what strangers send ends here, so that it
// is not woken by them.
"use strict";

{
  const version = 1;
  const maxFrames = 256; // looked at, of one page
  const maxDepth = 8; // of a frame below the page
  const maxOfWindow = 20; // messages a second that are read of one window
  const maxOfAll = 100; // and of all

  // An id is 128 random bits.
  const shape = /^[A-Za-z0-9_-]{22}$/;
  const isID = (v) => typeof v === "string" && v.length === 22 && shape.test(v);

  function newID() {
    const bits = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bits))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  }

  // Of this load of the part. Opaque origins are all called "null", and none of
  // them is another's.
  const instance = newID();
  const origin = self.origin;
  const isAlone = origin === "null";

  function isOurs(w) {
    try {
      return w.location.origin === origin;
    } catch {
      return false; // of another origin: nobody may ask
    }
  }

  // siblings are the windows of our origin on this page, wherever in it.
  function siblings() {
    const found = [];
    let level = isAlone ? [] : [top];
    let seen = 1;
    for (let depth = 0; depth <= maxDepth; depth++) {
      const next = [];
      for (const w of level) {
        if (w !== window && isOurs(w)) {
          found.push(w);
        }
        for (let i = 0; i < w.length && seen < maxFrames; i++) {
          next.push(w[i]);
          seen++;
        }
      }
      level = next;
    }
    return found;
  }

  let said = null; // last
  function say(kind, page, born, session, to) {
    said = { partline: version, kind, page, born, session, from: instance };
    for (const w of to ? [to] : siblings()) {
      w.postMessage(said, origin);
    }
  }

  // What came too fast is not read. It is asked for again when it is calm, and not
  // by all at once.
  let asking = false;
  function askAgain() {
    if (asking || said === null) {
      return;
    }
    asking = true;
    setTimeout(
      () => {
        asking = false;
        say("hello", said.page, said.born, said.session);
      },
      1000 + 3000 * Math.random(),
    );
  }

  let second = -1;
  let ofAll = 0;
  let ofWindow = new WeakMap();
  function isTooFast(source) {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      ofAll = 0;
      ofWindow = new WeakMap();
    }
    const n = ofWindow.get(source) ?? 0;
    if (n >= maxOfWindow || ofAll >= maxOfAll) {
      return true;
    }
    ofWindow.set(source, n + 1);
    ofAll++;
    return false;
  }

  // A message counts if it is of our origin and of another window of this page.
  // What it holds is looked at last: until then the browser need not unpack it.
  addEventListener("message", (event) => {
    const { source } = event;
    if (
      isAlone ||
      event.origin !== origin ||
      !source ||
      source === window ||
      source.top !== top
    ) {
      return;
    }
    if (isTooFast(source)) {
      askAgain();
      return;
    }
    const m = event.data;
    if (
      typeof m === "object" &&
      m !== null &&
      m.partline === version &&
      (m.kind === "hello" || m.kind === "ids") &&
      isID(m.page) &&
      isID(m.session) &&
      isID(m.from) &&
      m.from !== instance &&
      Number.isSafeInteger(m.born) &&
      m.born > 0
    ) {
      api.heard?.(m.page, m.born, m.session, source);
    }
  });

  // Other parts of this browser have changed what it keeps. Null: all is gone.
  addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith("partline-")) {
      api.stored?.();
    }
  });

  const api = {
    page: newID(),
    born: Date.now(),
    newID,
    say,

    // recall and remember are of localStorage and sessionStorage, by name. What is
    // refused is not remembered. An empty value is none.
    recall(store, key) {
      return window[store].getItem(key) ?? "";
    },
    remember(store, key, value) {
      try {
        if (value === "") {
          window[store].removeItem(key);
        } else {
          window[store].setItem(key, value);
        }
      } catch {
        // It is full.
      }
    },

    // rewrite changes the page's address, and marks this entry of the history.
    rewrite(address, mark) {
      try {
        history.replaceState({ partline: mark }, "", address);
      } catch {
        // Too often.
      }
    },
    mark() {
      const mark = history.state?.partline;
      return typeof mark === "string" ? mark : "";
    },

    // The program's.
    heard: null,
    stored: null,
  };
  globalThis.partlineFrame = api;
}
