/**
 * How wide a text stands in Inter, roughly: charts lay out where nothing can be measured (on the server, in PDFs). Widths per em from the
 * font's own metrics, tabular figures.
 */
const narrow = new Set("iljI.,:;'|!()[] ");
const wide = new Set("mwMWQO@%");

export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) {
    if (narrow.has(character)) ems += 0.29;
    else if (wide.has(character)) ems += 0.86;
    else if (character >= "0" && character <= "9") ems += 0.62;
    else if (character >= "A" && character <= "Z") ems += 0.68;
    else if (character > "\u2e80") ems += 1;
    else ems += 0.57;
  }
  return ems * size;
}

/** Cuts a text to a width, with an ellipsis where something was cut. */
export function fitText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}
