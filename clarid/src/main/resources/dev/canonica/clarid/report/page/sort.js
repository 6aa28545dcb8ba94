// Tables whose heads sort their rows: by number where cells have one, else by text. Rows without a number come last.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(h => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.v;
      const compare = (a, b) => {
        const x = key(a), y = key(b);
        if (x === undefined && y === undefined) {
          return a.cells[column].textContent.localeCompare(b.cells[column].textContent) * (down ? -1 : 1);
        }
        if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
        return (x - y) * (down ? -1 : 1);
      };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(compare));
    });
  });
}
