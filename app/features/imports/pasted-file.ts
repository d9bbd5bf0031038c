/** Pasted text as a file, if it looks like a table: at least two lines, and a separator in the first. */
export function pastedFile(text: string): File | null {
  const [first = "", second = ""] = text.split(/\r\n|\r|\n/, 2);
  if (!/[,;\t|]/.test(first) || second === "") return null;
  return new File([text], first.includes("\t") ? "Pasted rows.tsv" : "Pasted rows.csv", {
    type: first.includes("\t") ? "text/tab-separated-values" : "text/csv",
  });
}
