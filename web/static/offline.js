// Shows the reader's language on the page for when the hub cannot be reached,
// and opens the wanted page as soon as it can.
"use strict";

const { health } = document.currentScript.dataset;

const texts = [...document.querySelectorAll("[data-language]")];
for (const tag of navigator.languages) {
  const primary = tag.toLowerCase().split("-")[0];
  const match = texts.find((text) => text.lang === primary);
  if (match) {
    for (const text of texts) {
      text.hidden = text !== match;
    }
    document.documentElement.lang = match.lang;
    document.documentElement.dir = match.dir;
    document.title = match.querySelector("h1").textContent;
    break;
  }
}

async function tryAgain() {
  try {
    const response = await fetch(health, { cache: "no-store" });
    if (response.ok) {
      location.reload();
    }
  } catch {
    // Still offline.
  }
}

setInterval(tryAgain, 5000);
addEventListener("online", tryAgain);
