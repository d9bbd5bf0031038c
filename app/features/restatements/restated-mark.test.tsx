import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { sampleViews } from "#charts/sample-views.ts";
import { KpiBody } from "../widgets/kpi-body.tsx";
import { MovementsBody } from "../widgets/movements-body.tsx";
import { RestatedProvider } from "./restated-provider.tsx";

const size = { width: 600, height: 240 };
const point = sampleViews.movements.points.find(({ complete }) => complete)!;
const restated = [
  { month: point.period, change: "-420", currency: "USD", at: "2026-11-20T10:00:00.000Z", on: "20 Nov 2026" },
];
const drawn = (widget: React.ReactNode, months = restated) =>
  renderToStaticMarkup(<RestatedProvider restated={months}>{widget}</RestatedProvider>);

test("a chart marks a restated month and says by how much to the keyboard", () => {
  const chart = <MovementsBody id="m" title="Movements" view={sampleViews.movements} size={size} />;
  const markup = drawn(chart);
  expect(markup.match(/data-marked="[^"]+"/g)).toEqual([`data-marked="${point.period}"`]);
  expect(markup).toContain("Restated on 20 Nov 2026: MRR −$420");
  expect(drawn(chart, [])).not.toContain("data-marked");
});

test("a card says that what it is compared with was restated", () => {
  const view = sampleViews.kpi;
  const month = view.comparison!.period;
  const months = restated.map((one) => ({ ...one, month }));
  const card = <KpiBody id="arr" title="ARR" view={view} size={size} />;
  expect(drawn(card, months)).toContain('data-restated="1"');
  expect(drawn(card, [])).not.toContain("data-restated");
});
