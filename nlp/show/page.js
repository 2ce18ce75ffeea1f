// Beside the links, which work without a script: what the pointer or the focus is on is told below and marked on the other side.
(() => {
  const inspector = document.getElementById("inspector");
  let hot = [];
  const partners = (item) => {
    if (item.dataset.at) return [document.getElementById(item.dataset.at)];
    const id = item.dataset.mark;
    return [...document.querySelectorAll(`[data-at="${CSS.escape(id)}"]`)];
  };
  const leave = () => {
    hot.forEach((item) => item.classList.remove("hot"));
    hot = [];
    inspector.hidden = true;
  };
  const enter = (event) => {
    const item = event.target.closest("[data-at], [data-mark], td.cell");
    leave();
    if (!item) return;
    hot = [item, ...partners(item)].filter(Boolean);
    hot.forEach((each) => each.classList.add("hot"));
    inspector.textContent = item.title;
    inspector.hidden = !item.title;
  };
  document.addEventListener("pointerover", enter);
  document.addEventListener("focusin", enter);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
})();
