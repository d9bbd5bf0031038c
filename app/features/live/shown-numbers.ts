/** A number as the page shows it, with the name that it goes by there. */
export interface ShownNumber {
  element: Element;
  value: string;
  text: string;
  title: string | null;
}

/** Every number that the page shows by one of its hooks, by where it stands: the same place before and after is one number. */
export function shownNumbers(root: ParentNode): Map<string, ShownNumber> {
  const shown = new Map<string, ShownNumber>();
  const hrefOf = remembered((row: Element) => row.querySelector("a[href]")?.getAttribute("href"));
  // without what its tooltip says
  const titleOf = remembered(
    (widget: Element) =>
      (widget.querySelector("h2 button") ?? widget.querySelector("h2"))?.textContent ?? null,
  );
  for (const element of root.querySelectorAll<HTMLElement>("[data-metric], [data-cohort][data-period]")) {
    const { metric, value, cohort, period } = element.dataset;
    const widget = element.closest<HTMLElement>("[data-widget]");
    const row = element.closest("tr, li");
    const text = element.textContent ?? "";
    const place = [widget?.dataset.widget, row && hrefOf(row), metric, cohort, period].join(" ");
    // the same number twice on a page, as in a card and its copy for narrow screens
    const key = shown.has(place) ? `${place} #${shown.size}` : place;
    const title = metric && widget ? titleOf(widget) : null;
    shown.set(key, { element, value: value ?? text, text, title });
  }
  return shown;
}

/** Many numbers share a row and a card: each is looked at once. */
function remembered<Value>(of: (element: Element) => Value): (element: Element) => Value {
  const known = new Map<Element, Value>();
  return (element) => {
    if (!known.has(element)) known.set(element, of(element));
    return known.get(element) as Value;
  };
}

export interface Change {
  before: ShownNumber;
  after: ShownNumber;
}

/** The numbers that stand where they stood, and are others now. */
export function changedNumbers(
  before: ReadonlyMap<string, ShownNumber>,
  after: ReadonlyMap<string, ShownNumber>,
): Change[] {
  const changes: Change[] = [];
  for (const [key, now] of after) {
    const then = before.get(key);
    if (then && then.value !== now.value) changes.push({ before: then, after: now });
  }
  return changes;
}
