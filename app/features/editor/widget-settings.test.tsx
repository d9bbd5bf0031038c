import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { toggleCompared } from "#collab/widgets/compared-segments.ts";
import type { WidgetType } from "#contracts/widgets.ts";
import { WidgetSettings } from "./widget-settings.tsx";

const segments = (...names: string[]) => [
  {
    key: "segment",
    label: "Segment",
    values: names.map((name) => ({ value: name.toLowerCase(), label: name, customers: null })),
  },
];
const settings = (type: WidgetType, cfg: object, options = segments("Young", "Large")) =>
  renderToStaticMarkup(<WidgetSettings type={type} cfg={{ ...cfg }} options={options} onChange={() => {}} />);
/** The choices side by side: a name, and whether it is on. */
const compared = (html: string): [string, boolean][] => {
  const [, part = ""] = /Side by side<\/legend>(.*?)<\/fieldset>/.exec(html) ?? [];
  return [...part.matchAll(/<input([^>]*)\/><span[^>]*>([^<]*)</g)].map(([, input = "", name = ""]) => [
    name,
    input.includes("checked"),
  ]);
};

describe("segments side by side in a chart", () => {
  test("are chosen in its settings, with those that are chosen and gone", () => {
    expect(compared(settings("series", { compare: ["everyone", "young", "gone"] }))).toEqual([
      ["Everyone", true],
      ["Deleted segment", true],
      ["Young", true],
      ["Large", false],
    ]);
    expect(compared(settings("series", {}, segments()))).toEqual([]);
  });

  test("are offered only where they are shown", () => {
    for (const type of ["kpi", "movements", "composition", "top_customers", "cohort_heatmap"] as const)
      expect(compared(settings(type, {}))).toEqual([]);
  });

  test("begin with everyone beside the first, end with the last, and are four at most", () => {
    expect(toggleCompared([], "young")).toEqual(["everyone", "young"]);
    expect(toggleCompared(["everyone", "young"], "large")).toEqual(["everyone", "young", "large"]);
    expect(toggleCompared(["everyone", "young"], "everyone")).toEqual(["young"]);
    expect(toggleCompared(["everyone", "young"], "young")).toBeUndefined();
    expect(toggleCompared(["young"], "young")).toBeUndefined();
    expect(toggleCompared(["a", "b", "c", "d"], "e")).toEqual(["a", "b", "c", "d"]);
  });
});
