// Runs before anything else in a part's page.
"use strict";

// The theme that the host page asked for, before the first paint. Any other
// value leaves the choice to the reader's own setting.
{
  const theme = new URLSearchParams(location.search).get("theme");
  if (["light", "dark", "contrast"].includes(theme)) {
    document.documentElement.dataset.theme = theme;
  }
}

// A frame on another site may be refused its storage: then the property itself
// throws, and go-app would not start. A storage that lasts as long as the page
// takes its place, and its name is noted: nobody else sees what is in it.
globalThis.partlineRefused = [];
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("");
  } catch {
    partlineRefused.push(name);
    const items = new Map();
    Object.defineProperty(window, name, {
      configurable: true,
      value: {
        get length() {
          return items.size;
        },
        key: (i) => [...items.keys()][i] ?? null,
        getItem: (k) => items.get(String(k)) ?? null,
        setItem: (k, v) => void items.set(String(k), String(v)),
        removeItem: (k) => void items.delete(String(k)),
        clear: () => items.clear(),
      },
    });
  }
}
