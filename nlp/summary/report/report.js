// Tables sort by a head and filter by words; a link to something folded away unfolds it. Without a script all is there to read.
(() => {
  const value = (row, column) => {
    const text = row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
    return text !== "" && !isNaN(text) ? Number(text) : text;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a.localeCompare(b, "zh-Hans");
  };
  const prepare = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    table.querySelectorAll("thead tr:last-child th").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const numbers = rows.some((row) => typeof value(row, head.cellIndex) === "number");
        const was = head.getAttribute("aria-sort");
        const up = was ? was === "descending" : !numbers;
        table.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        rows.sort((a, b) => compare(value(a, head.cellIndex), value(b, head.cellIndex)) * (up ? 1 : -1));
        body.append(...rows);
      });
    });
    if (rows.length < 8) return;
    const filter = document.createElement("p");
    filter.className = "filter";
    const input = document.createElement("input");
    Object.assign(input, { type: "search", placeholder: "筛选……", autocomplete: "off" });
    input.setAttribute("aria-label", "筛选表格");
    const shown = document.createElement("output");
    shown.textContent = `${rows.length} 行`;
    filter.append(input, shown);
    table.parentElement.before(filter);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
      shown.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length} 行`;
    });
  };
  document.querySelectorAll("table.sortable").forEach(prepare);
  // A link with `data-group` shows, of the list it leads to, what is of reports of that group.
  const within = (item, group) => {
    const report = document.getElementById(item.querySelector("a.report")?.hash.slice(1) ?? "");
    return report?.dataset.in.split("|").includes(group) ?? false;
  };
  const only = (link) => {
    const list = document.getElementById(link.hash.slice(1));
    const items = [...list.querySelectorAll("li, tbody tr")];
    list.querySelector(".only")?.remove();
    items.forEach((item) => { item.hidden = !within(item, link.dataset.group); });
    const told = document.createElement("p");
    told.className = "only";
    const all = document.createElement("button");
    all.type = "button";
    all.textContent = "列出全部";
    all.addEventListener("click", () => { items.forEach((item) => { item.hidden = false; }); told.remove(); });
    told.append(`只列 ${link.dataset.group.split("=")[1]}：${items.filter((item) => !item.hidden).length} 条 `, all);
    items[0]?.closest("ul, .scroll").before(told);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-group]");
    if (!link) return;
    only(link);
    if (location.hash === link.hash) unfold();
  });
  const unfold = () => {
    let place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    for (let each = place; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
