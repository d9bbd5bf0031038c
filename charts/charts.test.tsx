import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { type WidgetType, type WidgetViews, widgetTypes } from "#contracts/widgets.ts";
import { KpiDrawing } from "./kpi-drawing.tsx";
import { MovementsChart } from "./movements-chart.tsx";
import { cssPalette, darkPalette, lightPalette } from "./palette.ts";
import { sampleViews } from "./sample-views.ts";
import { SeriesChart } from "./series-chart.tsx";
import { drawnLines } from "./series-lines.ts";
import { Sparkline } from "./sparkline.tsx";
import { WidgetDrawing } from "./widget-drawing.tsx";

const size = { width: 640, height: 230 };
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

describe("the movements chart", () => {
  const markup = renderToStaticMarkup(
    <MovementsChart title="MRR movements" view={sampleViews.movements} size={size} palette={lightPalette} />,
  );

  test("is one image with a title and the last whole month in words", () => {
    expect(markup).toContain('role="img"');
    expect(markup).toContain("MRR movements</title>");
    expect(markup).toContain("October 2026: net +$16,040");
    expect(markup).toContain("churn −$3,800");
  });

  test("has a bar per part and period, the running month hatched, a dot per net", () => {
    expect(count(markup, /<rect[^>]*fill="url\(#/g)).toBe(5);
    expect(count(markup, /<circle/g)).toBe(13);
    for (const part of ["new", "expansion", "reactivation", "contraction", "churn"] as const)
      expect(
        count(markup, new RegExp(`<rect[^>]*rx="[^"]*"[^>]*fill="${lightPalette.movements[part]}"`, "g")),
      ).toBe(12);
  });

  test("keeps to its own coordinates, so that it fits any width", () => {
    expect(markup).toContain('viewBox="0 0 640 230"');
    expect(markup).toContain('width="100%"');
  });

  test("leaves out what the reader switched off", () => {
    const without = renderToStaticMarkup(
      <MovementsChart
        title="x"
        view={sampleViews.movements}
        size={size}
        palette={lightPalette}
        hidden={["churn"]}
      />,
    );
    expect(without).not.toContain(lightPalette.movements.churn);
  });

  test("shows fewer months on a phone", () => {
    const phone = renderToStaticMarkup(
      <MovementsChart
        title="x"
        view={sampleViews.movements}
        size={{ width: 300, height: 230 }}
        palette={lightPalette}
      />,
    );
    const months = /<text y="17"/g;
    expect(count(phone, months)).toBeLessThan(count(markup, months));
    expect(count(phone, months)).toBeGreaterThan(3);
  });

  test("on the page takes its colours from the theme", () => {
    const page = renderToStaticMarkup(
      <MovementsChart title="x" view={sampleViews.movements} size={size} palette={cssPalette} />,
    );
    expect(page).toContain('fill="var(--chart-new)"');
    expect(page).not.toMatch(/fill="#/);
  });
});

describe("the series chart", () => {
  const [line] = sampleViews.series.lines;
  if (!line) throw new Error("the sample has a line");

  test("says where the metric came from and where it is", () => {
    const markup = renderToStaticMarkup(
      <SeriesChart title="MRR" line={line} currency="USD" size={size} palette={lightPalette} />,
    );
    expect(markup).toContain("MRR from $49,810 in November 2025 to");
    expect(markup).toContain("stroke-dasharray");
  });

  test("draws segments side by side with a mark of their own, and says each in words", () => {
    const compared: WidgetViews["series"] = {
      ...sampleViews.series,
      segments: [
        { id: "page", name: "Everyone", color: null },
        { id: "s", name: "Young", color: "pink" },
      ],
      lines: [{ ...line, others: [line.points.map((point) => ({ ...point, value: "7" }))] }],
    };
    const [both] = compared.lines;
    const markup = renderToStaticMarkup(
      <SeriesChart
        title="MRR"
        line={both ?? line}
        lines={drawnLines(compared, both ?? line)}
        currency="USD"
        size={size}
        palette={lightPalette}
      />,
    );
    expect(markup).toContain("MRR, Young from $7");
    for (const color of [lightPalette.lines[0], lightPalette.lines[3]])
      expect(count(markup, new RegExp(`<path d="[^"]+" transform[^>]*stroke="${color}"`, "g"))).toBe(13);
    expect(
      renderToStaticMarkup(
        <WidgetDrawing
          type="series"
          view={compared}
          title="MRR"
          subtitle=""
          note=""
          size={size}
          palette={lightPalette}
        />,
      ),
    ).toContain(">Young</text>");
  });

  test("draws nothing wrong where values are missing", () => {
    const gaps = {
      ...line,
      points: line.points.map((point, index) => (index % 2 ? { ...point, value: null } : point)),
    };
    const none = { ...line, points: line.points.map((point) => ({ ...point, value: null })) };
    for (const one of [gaps, none, { ...line, points: [] }])
      expect(
        renderToStaticMarkup(
          <SeriesChart title="MRR" line={one} currency="USD" size={size} palette={lightPalette} />,
        ),
      ).not.toContain("NaN");
  });
});

test("notes of one period are one mark with their count, in files too", () => {
  const note = (id: string, period: string) => ({
    id,
    day: `${period}-09`,
    period,
    title: `note ${id}`,
    text: null,
  });
  const annotations = [note("a", "2026-01"), note("b", "2026-03"), note("c", "2026-03")];
  for (const type of ["series", "movements"] as const) {
    const markup = renderToStaticMarkup(
      <WidgetDrawing
        type={type}
        view={{ ...sampleViews[type], annotations }}
        title="T"
        subtitle=""
        note=""
        size={size}
        palette={lightPalette}
      />,
    );
    expect(count(markup, /data-annotation/g)).toBe(2);
    expect(markup).toContain("9 Mar 2026: note b\n9 Mar 2026: note c</title>");
    expect(markup).toMatch(/data-annotation="2026-03".*?>2<\/text>/s);
  }
});

test("a sparkline of one value or none is left out", () => {
  const draw = (points: WidgetViews["kpi"]["points"]) =>
    renderToStaticMarkup(<Sparkline points={points} size={size} palette={cssPalette} />);
  expect(draw([])).toBe("");
  expect(draw(sampleViews.kpi.points.slice(0, 1))).toBe("");
  expect(draw(sampleViews.kpi.points)).toContain("<path");
});

test("what still runs is dashed, on the page as in a file", () => {
  const settled = sampleViews.kpi.points.map((point) => ({ ...point, complete: true }));
  const running = settled.map((point, i) => ({ ...point, complete: i < settled.length - 1 }));
  for (const [points, dashes] of [
    [settled, 0],
    [running, 1],
  ] as const) {
    const page = <Sparkline points={points} size={size} palette={cssPalette} />;
    const file = <KpiDrawing view={{ ...sampleViews.kpi, points }} width={340} palette={lightPalette} />;
    for (const one of [page, file])
      expect(count(renderToStaticMarkup(one), /stroke-dasharray/g)).toBe(dashes);
  }
});

describe.each(widgetTypes)("the drawing of a %s", (type) => {
  const draw = <Type extends WidgetType>(of: Type, palette = darkPalette) =>
    renderToStaticMarkup(
      <WidgetDrawing
        type={of}
        view={sampleViews[of]}
        title="A title & more"
        subtitle="USD"
        note="as of 22 Nov 2026"
        size={size}
        palette={palette}
      />,
    );

  test("is a whole SVG document with resolved colours", () => {
    const markup = draw(type);
    expect(markup).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="688"/);
    expect(markup).toContain("A title &amp; more</title>");
    expect(markup).toContain("as of 22 Nov 2026");
    expect(markup).not.toMatch(/var\(|color-mix|NaN|undefined/);
  });

  test("follows the palette", () => {
    expect(draw(type, lightPalette)).toContain(`fill="${lightPalette.surface}"`);
    expect(draw(type)).toContain(`fill="${darkPalette.surface}"`);
  });
});

test("drawings show the numbers that the page shows", () => {
  const draw = <Type extends WidgetType>(type: Type) =>
    renderToStaticMarkup(
      <WidgetDrawing
        type={type}
        view={sampleViews[type]}
        title=""
        subtitle=""
        note=""
        size={size}
        palette={lightPalette}
      />,
    );
  expect(draw("kpi")).toContain("$1.392M");
  expect(draw("kpi")).toContain("▲ 3.1%");
  const still = {
    ...sampleViews.kpi,
    comparison: { ...sampleViews.kpi.comparison!, kind: "points" as const, change: 0.0003 },
  };
  const unmoved = renderToStaticMarkup(<KpiDrawing view={still} width={340} palette={lightPalette} />);
  expect(unmoved).toContain("no change");
  expect(unmoved).not.toContain(lightPalette.positive);
  const segment = { id: "s", name: "Young", color: null };
  const compared = { segment, point: { ...sampleViews.kpi.point, value: "1200" } };
  const beside = renderToStaticMarkup(
    <KpiDrawing view={{ ...sampleViews.kpi, compared }} width={340} palette={lightPalette} />,
  );
  expect(beside).toMatch(/Young .*\$1,200/);
  for (const text of ["Scale", "$612,400", "44.0%", "Not set", "$1,392,240"])
    expect(draw("composition")).toContain(text);
  for (const text of ["Northwind Labs", "$48,000", "−8.2%"]) expect(draw("top_customers")).toContain(text);
  expect(draw("cohort_heatmap")).toContain(">100<");
  for (const text of [">Month 3<", ">Average<"]) expect(draw("retention_table")).toContain(text);
});
