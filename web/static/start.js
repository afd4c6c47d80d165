// Registers the service worker on the start page; in a part, load.js does. The
// page works without one.
"use strict";

navigator.serviceWorker
  ?.register(document.currentScript.dataset.worker)
  .catch(() => {});
