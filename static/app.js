// Only what makes the pages quicker to use; every page works without it.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("tbody[data-rows] > tr")];

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const at = here >= 0 ? here : all.findIndex((row) => row.classList.contains("at"));
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    all.forEach((row) => row.classList.toggle("at", row === next));
    const target = next.querySelector("a, button, input");
    if (target) target.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  const open = () => {
    const link = document.querySelector("tbody[data-rows] > tr.at a");
    if (link) link.click();
  };

  const search = () => {
    const field = document.querySelector("input[type=search]");
    if (field) field.focus();
  };

  const typing = (target) =>
    target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]") !== null;

  const keys = { j: () => move(1), k: () => move(-1), "/": search };

  // A page may name keys of its own: <a data-key="n"> or <button data-key="1">. Those of the row one is on come first.
  const named = (key) => {
    const wanted = `[data-key="${CSS.escape(key)}"]:not(:disabled)`;
    const row = document.activeElement.closest("tbody[data-rows] > tr");
    return (row && row.querySelector(wanted)) || document.querySelector(wanted);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const target = event.key.length === 1 ? named(event.key) : null;
    if (target) {
      event.preventDefault();
      target.click();
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    } else if (event.key === "Enter" && event.target === document.body) {
      open();
    }
  });

  const tell = (tone, text) => {
    const line = document.createElement("p");
    line.className = `message tone-${["good", "ask", "stop", "busy"].includes(tone) ? tone : "good"}`;
    line.textContent = text;
    document.getElementById("messages").replaceChildren(line);
  };

  document.addEventListener("concord:messages", (event) => {
    event.detail.value.forEach(({ tone, text }) => tell(tone, text));
  });
  document.addEventListener("htmx:sendError", () => tell("stop", "Concord does not answer. Check the network and try again."));

  // One box that ticks all others of its table.
  document.addEventListener("change", (event) => {
    const name = event.target.dataset.all;
    if (!name) return;
    event.target.form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`).forEach((box) => {
      box.checked = event.target.checked;
    });
  });

  // Typing a value of one's own picks it.
  document.addEventListener("input", (event) => {
    const radio = event.target.dataset.picks && document.getElementById(event.target.dataset.picks);
    if (radio) radio.checked = true;
  });

  // A refused form: take the reader to what is wrong.
  const errors = document.getElementById("form-errors");
  if (errors) errors.focus();
})();
