// Sorting by a head and filtering by words; without a script the table stays in the order of the sources.
(() => {
  const body = document.querySelector(".reports tbody");
  const rows = [...body.rows];
  const value = (row, column) => {
    const text = row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
    return text !== "" && !isNaN(text) ? Number(text) : text;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "zh-Hans");
  };
  document.querySelectorAll(".reports th button").forEach((button) => button.addEventListener("click", () => {
    const head = button.closest("th");
    const up = head.getAttribute("aria-sort") !== "ascending";
    document.querySelectorAll(".reports th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort((a, b) => compare(value(a, head.cellIndex), value(b, head.cellIndex)) * (up ? 1 : -1));
    body.append(...rows);
  }));
  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  document.querySelector(".filter").hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
    shown.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  });
})();
