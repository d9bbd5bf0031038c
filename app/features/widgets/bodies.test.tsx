import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { sampleViews } from "#charts/sample-views.ts";
import { CohortHeatmapBody } from "./cohort-heatmap-body.tsx";
import { csvOf, fileName } from "./export-widget.tsx";
import { KpiBody } from "./kpi-body.tsx";
import { MovementsBody } from "./movements-body.tsx";
import { RetentionTableBody } from "./retention-table-body.tsx";
import { SeriesBody } from "./series-body.tsx";

/** What the server sends: numbers and charts, readable without scripts. */

const size = { width: 640, height: 324 };

test("a KPI holds its value alone in an element that names metric and exact value", () => {
  const markup = renderToStaticMarkup(<KpiBody id="arr" title="ARR" view={sampleViews.kpi} size={size} />);
  expect(markup).toMatch(/<span data-metric="arr" data-value="1392240.5"[^>]*>\$1\.392M<\/span>/);
  expect(markup).toContain("up 3.1% against Oct 2026");
  expect(markup).toContain("twelve times the MRR");
  expect(markup).toContain("as of 22 Nov 2026");
  expect(markup).toContain("Jarvis policy v1:");
});

test("a KPI without a value says why", () => {
  const point = {
    period: "2026-10",
    value: null,
    complete: true,
    reason: "no_customers_12_months_ago",
  } as const;
  const markup = renderToStaticMarkup(
    <KpiBody
      id="nrr"
      title="NRR"
      view={{ ...sampleViews.kpi, metric: "nrr", point, comparison: null }}
      size={size}
    />,
  );
  expect(markup).toMatch(/<span data-metric="nrr" data-value=""[^>]*>–<\/span>/);
  expect(markup).toContain("Needs customers from 12 months ago.");
});

test("a heatmap is a table whose cells name cohort and period; unobserved ones are empty", () => {
  const markup = renderToStaticMarkup(
    <CohortHeatmapBody id="cohorts" title="Retention" view={sampleViews.cohort_heatmap} size={size} />,
  );
  expect(markup).toContain("<caption");
  expect(markup).toMatch(/<td data-cohort="2026-01" data-period="0"[^>]*>100<\/td>/);
  expect(markup).not.toContain('data-cohort="2026-11" data-period="1"');
  expect(markup).toMatch(/<td data-cohort="2026-10" data-period="1"[^>]*class="[^"]*running/);
  expect(markup).not.toMatch(/<td data-cohort="2026-09" data-period="1"[^>]*class="[^"]*running/);
});

test("a retention table has the milestones that were reached", () => {
  const markup = renderToStaticMarkup(
    <RetentionTableBody id="retention" title="Retention" view={sampleViews.retention_table} size={size} />,
  );
  for (const head of ["Month 1<", "Month 3<", "Month 6<", "Month 12<"]) expect(markup).toContain(head);
  expect(markup).toContain("so far");
});

test("movements list each period's exact amounts for the keyboard", () => {
  const markup = renderToStaticMarkup(
    <MovementsBody id="movements" title="MRR movements" view={sampleViews.movements} size={size} />,
  );
  expect(markup).toContain("October 2026: New +$15,570, Expansion +$5,810");
  expect(markup).toContain("This month still runs.");
  expect(markup).not.toContain("Exchange rates");
});

test("segments side by side have a legend that toggles, and notes are read with their period", () => {
  const [line] = sampleViews.series.lines;
  const segments = [
    { id: "page", name: "Everyone", color: null },
    { id: "s", name: "Young", color: null },
  ];
  const view = {
    ...sampleViews.series,
    segments,
    lines: line ? [{ ...line, others: [line.points] }] : [],
    annotations: [{ id: "n", day: "2026-10-09", period: "2026-10", title: "Price rise", text: null }],
  };
  const markup = renderToStaticMarkup(<SeriesBody id="s" title="MRR" view={view} size={size} />);
  expect(markup).toContain('aria-label="Segments"');
  expect(markup).toMatch(/October 2026: Everyone \$[\d,.]+, Young \$[\d,.]+\. 9 Oct 2026: Price rise"/);
  const compared = { segment: segments[1]!, point: { ...sampleViews.kpi.point, value: "1200" } };
  expect(
    renderToStaticMarkup(
      <KpiBody id="arr" title="ARR" view={{ ...sampleViews.kpi, compared }} size={size} />,
    ),
  ).toMatch(/data-compared="s".*Young.*\$1,200/s);
});

test("a CSV says in its last column by which policy it was counted, and stays a table", () => {
  for (const view of Object.values(sampleViews)) {
    const lines = csvOf({ view, policy: "Adapted Jarvis policy v2" }).trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/,policy$/);
    for (const line of lines.slice(1)) expect(line).toMatch(/,Adapted Jarvis policy v2$/);
  }
});

test("files are named after what they hold", () => {
  expect(fileName("MRR movements", "csv")).toBe("mrr-movements.csv");
  expect(fileName("Müller / Café: 100 %", "png")).toBe("muller-cafe-100.png");
  expect(fileName("///", "svg")).toBe("widget.svg");
  expect(csvOf({ view: sampleViews.top_customers, policy: "Jarvis policy v1" })).toContain("'=Volt Freight");
});
