// Copies snippets. Without a script they are marked and copied by hand, so the
// buttons are there only with one.
"use strict";

const said = document.getElementById("copied");

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.value);
    return true;
  } catch {
    // A page in a frame may not, and plain HTTP has no clipboard.
  }
  text.focus();
  text.select();
  return document.execCommand("copy");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copy(document.getElementById(button.dataset.copy));
    // The same words again are said again.
    said.textContent = "";
    requestAnimationFrame(() => {
      said.textContent = done ? said.dataset.copied : said.dataset.failed;
    });
  });
}
