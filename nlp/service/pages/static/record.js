// Correct by marking text or clicking a cell; keys: n and p to the next and previous uncertain place, s to take the mark in focus,
// u to undo, Enter in a cell.
(() => {
  const palette = document.getElementById("palette");
  const editor = document.getElementById("cell-editor");
  const byId = (id) => document.getElementById(id);
  const length = (text) => [...text].length; // places count code points, as the record does
  let place = null;

  // Pages of the source: boxes light up with the marks that lie in them.
  const rects = [...document.querySelectorAll("rect[data-marks]")];
  const light = (event) => {
    const item = event.target.closest("[data-at], [data-mark]");
    const id = item && (item.dataset.at || item.dataset.mark);
    rects.forEach((rect) => rect.classList.toggle("hot", Boolean(id) && rect.dataset.marks.split(" ").includes(id)));
  };
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);

  // The next uncertain place.
  let at = -1;
  const go = (step) => {
    const doubts = [...document.querySelectorAll("[data-doubt]")];
    if (!doubts.length) return;
    at = (at + step + doubts.length) % doubts.length;
    const target = byId(decodeURIComponent(doubts[at].hash.slice(1)));
    if (!target) return;
    target.closest("details")?.setAttribute("open", "");
    target.scrollIntoView({ block: "center" });
    (target.querySelector("a") || target).focus({ preventScroll: true });
    if (target.matches("td.cell") && editor) edit(target);
  };

  const close = () => {
    [palette, editor].forEach((one) => { if (one) one.hidden = true; });
    place = null;
  };

  // A cell.
  const edit = (cell) => {
    close();
    editor.hidden = false;
    editor.elements.path.value = cell.id;
    editor.querySelector("label").textContent = cell.title.split("\n")[0];
    const shown = cell.textContent.trim();
    editor.elements.new.value = /^[0-9.,，]+$/.test(shown) ? shown.replace(/[,，]/g, "") : "";
    editor.elements.new.focus();
    editor.elements.new.select();
  };

  // A stretch of text.
  const marked = () => {
    const source = document.querySelector(".source .text");
    const selection = getSelection();
    if (!palette || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!source.contains(range.startContainer) || !source.contains(range.endContainer)) return null;
    const before = document.createRange();
    before.setStart(source, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const lead = range.toString().length - range.toString().trimStart().length;
    const text = range.toString().trim();
    if (!text) return null;
    const start = length(before.toString()) + lead;
    return { start, end: start + length(text) };
  };
  const offer = () => {
    const found = marked();
    if (!found) return;
    close();
    place = found;
    palette.hidden = false;
  };

  const send = async (form) => {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "follow" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!response.ok) {
      say(page.querySelector("main")?.textContent.replace(/\s+/g, " ").trim() || String(response.status));
      return;
    }
    renew(page);
  };
  const say = (text) => {
    const inspector = byId("inspector");
    inspector.textContent = text;
    inspector.hidden = false;
  };
  // The page as it is now, without losing the place.
  const renew = (page) => {
    close();
    for (const part of [".top", ".side", ".origin .source"]) {
      const old = document.querySelector(part);
      const fresh = page.querySelector(part);
      if (!old || !fresh) continue;
      const top = old.scrollTop;
      const opened = [...old.querySelectorAll("details")].map((one) => one.open);
      old.replaceChildren(...fresh.childNodes);
      old.querySelectorAll("details").forEach((one, n) => { if (opened[n] !== undefined) one.open = opened[n]; });
      old.scrollTop = top;
    }
  };
  const label = (name) => {
    const form = byId("span-form");
    const stretch = marked() || place;
    if (!stretch || !form) return;
    form.elements.span.value = `${stretch.start}-${stretch.end}`;
    form.elements.label.value = name;
    getSelection().removeAllRanges();
    send(form);
  };

  // Marking text cannot begin inside a link: while the mouse is down on a mark, it is none.
  document.addEventListener("pointerdown", (event) => {
    const mark = palette && event.pointerType === "mouse" && event.target.closest(".source .mark[href]");
    if (!mark) return;
    const address = mark.getAttribute("href");
    const restore = () => mark.setAttribute("href", address);
    mark.removeAttribute("href");
    ["pointerup", "pointercancel"].forEach((end) => addEventListener(end, restore, { once: true, capture: true }));
  });
  document.addEventListener("pointerup", () => setTimeout(offer));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#palette [data-label]");
    if (button) { label(button.dataset.label); return; }
    if (event.target.closest(".source .mark") && marked()) { event.preventDefault(); return; } // text was marked, no link followed
    const cell = event.target.closest("td.cell");
    if (cell && editor) edit(cell);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.closest(".side, #cell-editor")) return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "fact-path") return;
    byId("fact-new").value = event.target.selectedOptions[0].dataset.value;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); return; }
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && event.key.startsWith("Arrow")) { setTimeout(offer); return; }
    if (place) {
      const button = [...palette.querySelectorAll("[data-label]")].find((one) => one.querySelector("kbd").textContent === event.key);
      if (button) { event.preventDefault(); label(button.dataset.label); return; }
    }
    if (event.key === "s" && event.target.matches(".source .mark")) { getSelection().selectAllChildren(event.target); offer(); return; }
    if (event.key === "n" || event.key === "p") {
      event.preventDefault(); // else the letter is typed into the field that gets the focus
      go(event.key === "n" ? 1 : -1);
    }
    if (event.key === "u") { const form = document.querySelector(".made li:not(.undone) form"); if (form) send(form); }
    if (event.key === "Enter" && editor) {
      const cell = event.target.closest("td.cell");
      if (cell) { event.preventDefault(); edit(cell); }
    }
  });
})();
