import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { Group } from "lucide-react";
import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { ButtonLink } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Table, Td, Th } from "../components/table.tsx";
import { findPreview } from "../features/segments/load-segments.server.ts";
import { SegmentSwatch } from "../features/segments/segment-swatch.tsx";
import { describeExpression } from "../features/segments/segment-words.ts";
import { ConfirmButton } from "../features/settings/confirm-button.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const handle = liveOn("metrics", "segments");

export const meta: MetaFunction = () => [{ title: "Segments · Jarvis360" }];

/** So many are counted on the way; of more the count is on their own page. */
const mostCounted = 25;

export const loader = guarded(async ({ context }) => {
  const { items } = await context.trpc.segments.list({ limit: 200 });
  const previews = await Promise.all(
    items.slice(0, mostCounted).map(({ expression }) => findPreview(context, expression)),
  );
  return { segments: items.map((segment, index) => ({ ...segment, preview: previews[index] ?? null })) };
});

export const action = submitted(async ({ request, context }) => {
  const form = await request.formData();
  await context.trpc.segments.delete({ id: fieldText(form, "id") });
  return { saved: "The segment is deleted." };
});

export default function Segments() {
  const { segments } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const mayEdit = useCan("segments.edit");
  const { currency } = useMe().organisation;
  useAnswerToast(answer);
  const make = mayEdit ? (
    <ButtonLink to="/segments/new" variant="primary">
      New segment
    </ButtonLink>
  ) : null;
  return (
    <>
      <TopBar title="Segments" status="Filters with a name" actions={segments.length > 0 ? make : null} />
      <PageBody>
        <div className="grid gap-5">
          <FormFailure failure={failureIn(answer)} />
          {segments.length === 0 ? (
            <div className="rounded-xl border border-line bg-surface">
              <EmptyState icon={<Group />} title="No segment yet" actions={make}>
                A segment is a set of conditions with a name, such as “Enterprise in Europe”. Filter any page
                by it, give a widget its own, or set two side by side in one chart.
              </EmptyState>
            </div>
          ) : (
            <Card flush>
              <Table label="Segments">
                <thead>
                  <tr>
                    <Th>Segment</Th>
                    <Th numeric>Paying customers</Th>
                    <Th numeric>MRR</Th>
                    <Th numeric>Share</Th>
                    <Th>
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {segments.map(({ id, name, color, expression, preview }) => (
                    <tr key={id}>
                      <Td className="max-w-md min-w-56">
                        <Link
                          to={`/segments/${id}`}
                          className="flex items-center gap-2 font-medium hover:underline"
                        >
                          <SegmentSwatch color={color} />
                          <span className="min-w-0 truncate">{name}</span>
                        </Link>
                        <p className="line-clamp-2 pl-4.5 text-xs text-ink-3">
                          {describeExpression(expression, currency)}
                        </p>
                      </Td>
                      <Td numeric>{formatCount(preview?.customers)}</Td>
                      <Td numeric>{formatMoney(preview?.mrr ?? null, preview?.currency ?? currency)}</Td>
                      <Td numeric>{formatPercent(preview?.share ?? null)}</Td>
                      <Td numeric>
                        <ButtonLink to={`/?filter.segment=${id}`} size="sm" variant="ghost" prefetch="intent">
                          Filter by it<span className="sr-only">: {name}</span>
                        </ButtonLink>
                        <ButtonLink to={`/?compare=${id}`} size="sm" variant="ghost" prefetch="intent">
                          Compare<span className="sr-only"> with {name}</span>
                        </ButtonLink>
                        {mayEdit ? (
                          <ConfirmButton
                            label="Delete"
                            title={`Delete the segment “${name}”?`}
                            description="No number changes. What filters by it says that it was deleted, until something else is chosen."
                            confirm="Delete segment"
                            fields={{ id }}
                          >
                            {" "}
                            {name}
                          </ConfirmButton>
                        ) : null}
                      </Td>
                    </tr>
                  ))}
                </tbody>
              </Table>
            </Card>
          )}
        </div>
      </PageBody>
    </>
  );
}
