// The service worker: it makes a second visit quick and says so when the hub
// cannot be reached. It answers for two kinds of request and leaves every other
// one, to hubs, of other methods, to other origins, to the browser.
"use strict";

const cacheName = "partline-{{.Version}}";
const base = "{{.Base}}"; // of every path of ours
const offlinePage = base + "/offline";
const offlineFiles = {{.OfflineFiles}};

// A hashed name never changes what it holds.
const hashed = /^\/web\/[a-z0-9_.-]+-[0-9a-f]{16}\.[a-z0-9]+$/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(cacheName);
      await cache.addAll([offlinePage, ...offlineFiles]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("partline-") && name !== cacheName) {
          await caches.delete(name);
        }
      }
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const path = url.pathname.slice(base.length);
  if (
    request.method !== "GET" ||
    url.origin !== location.origin ||
    !url.pathname.startsWith(base + "/") ||
    /^\/(hubs|signalr)(\/|$)/i.test(path)
  ) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (hashed.test(path)) {
    event.respondWith(cacheFirst(event));
  }
});

// page is asked for as without a worker, where the browser can do that: what a worker
// asks for does not say that a frame will show it, and by whom, and the server could
// not tell a site that is not allowed.
async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return offline();
  }
}

// offline is the one page that needs nobody: it holds no name, no address and
// no message.
async function offline() {
  const cache = await caches.open(cacheName);
  const page = await cache.match(offlinePage, { ignoreVary: true });
  return page ?? Response.error();
}

async function cacheFirst(event) {
  const { request } = event;
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) {
    return kept;
  }
  const response = await fetch(request);
  if (response.status === 200) {
    // Beside the answer, which may be long. A full disk does not stop the page.
    event.waitUntil(cache.put(request, response.clone()).catch(() => {}));
  }
  return response;
}
