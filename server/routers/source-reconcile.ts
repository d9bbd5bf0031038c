import { done } from "#contracts/accounts.ts";
import {
  putReconcileFileInput,
  type ReconcileOutput,
  type ReconcileRow,
  reconcileInput,
  reconcileOutput,
  sourceIdInput,
} from "#contracts/sources.ts";
import { decodeCursor, encodeCursor } from "#db/cursor.ts";
import type { OrgTx } from "#db/database.ts";
import { getAnalyticsSettings } from "#db/queries/analytics-settings.ts";
import { recordAudit } from "#db/queries/audit.ts";
import {
  type ComparedFigure,
  compareWithOracle,
  deleteOracle,
  findOracle,
  putOracle,
} from "#db/queries/source-oracle.ts";
import { getSource } from "#db/queries/sources.ts";
import { add, type Exact, formatDecimal, parseDecimal, zero } from "#metrics/decimal.ts";
import { reconcileSentence } from "#metrics/reconcile-words.ts";
import { answer } from "../answer-cache.ts";
import { actorOf } from "../auth/account-audit.ts";
import { readReconcileFile } from "../read-reconcile-file.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Sources"];

/** Whether our MRR is the vendor's: its own report, compared figure by figure. */
export const sourceReconcileRouter = router({
  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/sources/{id}/reconcile",
        tags,
        summary:
          "Our MRR per customer and month beside the vendor’s own, and the rule that makes each difference",
      },
    })
    .input(reconcileInput)
    .output(reconcileOutput)
    .query(async ({ ctx, input: { id, month, reason, show, cursor, limit } }) => {
      const file = await ctx.inOrg((tx) => findOracle(tx, id), { readOnly: true });
      if (!file) return { file: null, months: [], items: [], next: null };
      const uploadedAt = file.uploadedAt.toISOString();
      const compared = await answer(ctx, "reconcile", { id, uploadedAt, month, reason, show }, (tx) =>
        compareAll(tx, { id, file, month, reason, show }),
      );
      const from = cursor === undefined ? 0 : decodeCursor(cursor, ["integer"])[0];
      const to = from + limit;
      return {
        file: { name: file.name, uploaded_at: uploadedAt, from: file.from, to: file.to },
        months: compared.months,
        items: compared.rows.slice(from, to),
        next: to < compared.rows.length ? encodeCursor([to]) : null,
      };
    }),

  put: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "PUT",
        path: "/sources/{id}/reconcile",
        tags,
        summary: "Give the vendor’s own report to be compared with",
        description:
          "`csv` is the text of Stripe’s download “MRR per subscriber per month”. It replaces an earlier one, and changes no number.",
      },
    })
    .input(putReconcileFileInput)
    .output(done)
    .mutation(async ({ ctx, input: { id, name, csv } }) => {
      const source = await ctx.inOrg((tx) => getSource(tx, id));
      const figures = readReconcileFile(csv, ctx.env.LIMITS);
      await ctx.inOrg(async (tx) => {
        await putOracle(tx, { sourceId: id, name, figures });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "source.report_given",
          target: source.name,
          details: { id, file: name, figures: figures.length },
        });
      });
      return { ok: true };
    }),

  delete: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/sources/{id}/reconcile",
        tags,
        summary: "Forget the vendor’s report",
      },
    })
    .input(sourceIdInput)
    .output(done)
    .mutation(({ ctx, input: { id } }) =>
      ctx.inOrg(async (tx) => {
        const source = await getSource(tx, id);
        await deleteOracle(tx, id);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "source.report_forgotten",
          target: source.name,
          details: { id },
        });
        return { ok: true };
      }),
    ),
});

interface MonthSums {
  ours: Exact;
  theirs: Exact;
  equal: number;
  explained: number;
  unexplained: number;
}

interface Asked {
  id: string;
  file: { from: string; to: string };
  month: string | undefined;
  reason: string | undefined;
  show: "differing" | "all";
}

/** All months added up, and the rows that were asked for: newest month first, then the largest difference. */
async function compareAll(
  tx: OrgTx,
  { id, file, month, reason, show }: Asked,
): Promise<{ months: ReconcileOutput["months"]; rows: ReconcileRow[] }> {
  const { policy } = await getAnalyticsSettings(tx);
  const months = new Map<string, MonthSums>();
  const rows: ReconcileRow[] = [];
  await compareWithOracle(tx, id, file, (figures) => {
    for (const figure of figures) {
      addUp(months, figure);
      const isAsked =
        (show === "all" || figure.reason !== "equal") &&
        (month === undefined || figure.month === month) &&
        (reason === undefined || figure.reason === reason);
      if (isAsked)
        rows.push({
          customer_id: figure.customerId,
          name: figure.name,
          month: figure.month,
          currency: figure.currency,
          ours: figure.ours,
          theirs: figure.theirs,
          difference: figure.difference,
          reason: figure.reason,
          explanation: reconcileSentence(figure, { policy, currency: figure.currency }),
          confidence: figure.confidence,
        });
    }
  });
  const size = (row: ReconcileRow) => Math.abs(Number(row.difference));
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  rows.sort((a, b) => text(b.month, a.month) || size(b) - size(a) || text(a.customer_id, b.customer_id));
  return {
    months: [...months]
      .sort(([a], [b]) => text(b, a))
      .map(([key, sums]) => ({
        month: key.slice(0, 7),
        currency: key.slice(8),
        ...sums,
        ours: formatDecimal(sums.ours),
        theirs: formatDecimal(sums.theirs),
      })),
    rows,
  };
}

function addUp(months: Map<string, MonthSums>, figure: ComparedFigure): void {
  const key = `${figure.month} ${figure.currency}`;
  const sums = months.get(key) ?? { ours: zero, theirs: zero, equal: 0, explained: 0, unexplained: 0 };
  sums.ours = add(sums.ours, parseDecimal(figure.ours));
  sums.theirs = add(sums.theirs, parseDecimal(figure.theirs ?? "0"));
  if (figure.reason === "equal") sums.equal += 1;
  else if (figure.reason === "unexplained") sums.unexplained += 1;
  else sums.explained += 1;
  months.set(key, sums);
}
