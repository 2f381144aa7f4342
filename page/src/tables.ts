// Tables of the study, sortable by any column; choosing a row shows its network, subject and region in the
// active panel.
import { button, make, number } from "./dom";
import type { Cell, Manifest, TableEntry } from "./manifest";
import type { State } from "./state";

export interface Chosen {
  network?: string;
  subject?: string;
  roi?: string;
}

function compare(a: Cell, b: Cell): number {
  const missing = (cell: Cell) => cell === null || cell === "" || Number.isNaN(cell);
  // Missing values come last in either sort order.
  if (missing(a) || missing(b)) return NaN;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

export function sorted(table: TableEntry, sort: State["sort"]): Cell[][] {
  const at = table.columns.findIndex(({ name }) => name === sort?.column);
  if (at < 0 || !sort) return table.rows;
  const empty = (row: Cell[]) => Number.isNaN(compare(row[at], row[at]));
  return [...table.rows].sort((a, b) => {
    if (empty(a) || empty(b)) return Number(empty(a)) - Number(empty(b));
    return sort.down ? compare(b[at], a[at]) : compare(a[at], b[at]);
  });
}

function digits(name: string): number {
  return /step|^n_|_n$|^n$|vertices|size/.test(name) ? 0 : 3;
}

function cell(value: Cell, name: string, numeric: boolean): Node | string {
  if (value === null || value === "") return "";
  if (numeric && typeof value === "number") return number(value, Number.isInteger(value) ? 0 : digits(name));
  return String(value);
}

function chosenBy(table: TableEntry, row: Cell[]): Chosen {
  const chosen: Chosen = {};
  for (const name of ["network", "subject", "roi"] as const) {
    const at = table.links[name];
    if (at !== undefined && at !== null && row[at] !== null) chosen[name] = String(row[at]);
  }
  return chosen;
}

function heads(table: TableEntry, sort: State["sort"], sortBy: (column: string) => void): HTMLElement {
  return make("tr", {}, ...table.columns.map(({ name, label, numeric }) => {
    const own = sort?.column === name ? (sort.down ? "descending" : "ascending") : "none";
    const mark = own === "none" ? "" : own === "descending" ? " ↓" : " ↑";
    return make("th", { scope: "col", "aria-sort": own, class: numeric ? "numeric" : "" },
      button(label + mark, () => sortBy(name), { title: `sort by ${label}` }));
  }));
}

/** The open table, below tabs for all tables. */
export function tableView(
  manifest: Manifest,
  state: State,
  act: { open: (id: string) => void; sortBy: (column: string) => void; pick: (chosen: Chosen) => void },
): Node[] {
  const table = manifest.tables.find(({ id }) => id === state.table);
  const tabs = manifest.tables.map(({ id, title }) =>
    button(title, () => act.open(id), { role: "tab", "aria-selected": id === state.table, id: `table-${id}` }));
  const names = make("div", { role: "tablist", "aria-label": "Tables", class: "tabs" }, ...tabs);
  if (!table) return [names, make("p", { class: "quiet" }, "This study has no tables.")];
  const rows = sorted(table, state.sort).map((row) => {
    const chosen = chosenBy(table, row);
    const linked = Object.keys(chosen).length > 0;
    const own = [state.panels[state.active]].some((panel) => panel.network === chosen.network && (!chosen.subject || panel.subject === chosen.subject) && (!chosen.roi || state.roi === chosen.roi));
    const element = make("tr", { tabindex: linked ? 0 : undefined, class: linked ? "linked" : "", "aria-current": own ? "true" : undefined },
      ...row.map((value, i) => make("td", { class: table.columns[i].numeric ? "numeric" : "" }, cell(value, table.columns[i].name, table.columns[i].numeric))));
    if (linked) {
      element.addEventListener("click", () => act.pick(chosen));
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          act.pick(chosen);
        }
      });
    }
    return element;
  });
  if (!rows.length) return [names, make("p", { class: "caption" }, `${table.caption} This study has no rows for it.`)];
  return [names,
    make("p", { class: "caption" }, table.caption, " Click a row to show its network, subject and region in the active panel."),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": table.title },
      make("table", {}, make("thead", {}, heads(table, state.sort, act.sortBy)), make("tbody", {}, ...rows)))];
}
