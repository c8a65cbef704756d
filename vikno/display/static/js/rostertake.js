/* The numbers behind a picture, to be read and to be taken along: a table, CSV and XLSX of the very same cells. */
import { fetchBytes } from "./api.js";
import { t } from "./i18n.js";
import { csvOf, save } from "./saving.js";
import { html, useSignal } from "./ui.js";
import { decimals } from "./whatifwords.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** `columns`: names; `rows`: texts, numbers or null; `shown` false where the table stands on the page already. */
export function Take({ rostering, name, title, columns, rows, shown = true }) {
  return html`<div class="take-along">
    ${shown &&
    html`<details class="chart-table">
      <summary>${t("As a table")}</summary>
      <div class="panel" tabindex="0" role="group" aria-label=${title}><${Numbers} columns=${columns} rows=${rows} /></div>
    </details>`}
    <${Sheets} ...${{ rostering, name, title, columns, rows }} />
  </div>`;
}

function Numbers({ columns, rows }) {
  const isNumber = columns.map((none, place) => rows.some((row) => typeof row[place] === "number"));
  return html`<table>
    <thead>
      <tr>
        ${columns.map((column, place) => html`<th key=${column} class=${isNumber[place] ? "num" : ""}>${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row, number) => html`<tr key=${number}>
          ${row.map((cell, place) => html`<td key=${place} class=${isNumber[place] ? "num" : ""}>${words(cell)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

function Sheets({ rostering, name, title, columns, rows }) {
  const failed = useSignal(false);
  const file = `${rostering.hall.id}-${name}`;
  const fetchWorkbook = async () => {
    const body = { title, columns, rows };
    const bytes = await fetchBytes(`/halls/${rostering.hall.id}/roster/sheet`, rostering.context, body);
    failed.value = !bytes;
    if (bytes) save(`${file}.xlsx`, new Blob([bytes], { type: XLSX }));
  };
  const fetchText = () => save(`${file}.csv`, csvOf([columns, ...rows]));
  return html`<p class="take-deeds no-print">
    <button type="button" class="tool" aria-label="CSV: ${title}" onClick=${fetchText}>CSV</button>
    <button type="button" class="tool" aria-label="XLSX: ${title}" onClick=${fetchWorkbook}>XLSX</button>
    ${failed.value && html`<span class="state-late" role="alert">${t("The server did not answer.")}</span>`}
  </p>`;
}

function words(cell) {
  if (cell === null || cell === undefined) return "–";
  return typeof cell === "number" ? decimals(cell, Number.isInteger(cell) ? 0 : 1) : cell;
}
