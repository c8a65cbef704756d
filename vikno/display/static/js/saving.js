/* What a page saves as a file: rows as CSV, and bytes under a name. */

/* A spreadsheet takes a text that begins so for a formula, and somebody else may have written the text. */
const FORMULA = /^(?![+-]?[\d.,]+(?:e[+-]?\d+)?$)[=+\-@\t\r]/;

/** Rows of texts, numbers or null, as RFC 4180 writes them. */
export function csvOf(rows) {
  return new Blob([rows.map((row) => row.map(field).join(",")).join("\r\n")], { type: "text/csv;charset=utf-8" });
}

export function save(file, blob) {
  const link = document.createElement("a");
  link.download = file;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

function field(cell) {
  if (cell === null || cell === undefined) return "";
  const text = FORMULA.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
