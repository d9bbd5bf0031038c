import { type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { parseFilters } from "../features/dashboard/page-filters.ts";
import { BackLink } from "../features/segments/back-link.tsx";
import { expressionOfFilter } from "../features/segments/expression-draft.ts";
import { findPreview, listConditionOptions } from "../features/segments/load-segments.server.ts";
import { segmentFields } from "../features/segments/segment-fields.server.ts";
import { SegmentForm } from "../features/segments/segment-form.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "New segment · Jarvis360" }];

/** `?filter.plan=…`: begins with the filters of the page that one came from. */
export const loader = guarded(async ({ request, context }) => {
  const expression = expressionOfFilter(parseFilters(new URL(request.url).searchParams).filter);
  const [options, preview] = await Promise.all([
    listConditionOptions(context),
    findPreview(context, expression),
  ]);
  return { expression, options, preview };
});

export const action = submitted(
  async ({ request, context }) => {
    const { id } = await context.trpc.segments.create(segmentFields(await request.formData()));
    // who came with filters goes on with the segment in their place
    const hadFilters = [...new URL(request.url).searchParams.keys()].some((key) => key.startsWith("filter."));
    throw redirect(hadFilters ? `/?filter.segment=${id}` : "/segments");
  },
  ["name", "color"],
);

export default function NewSegment() {
  const { expression, options, preview } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const { currency } = useMe().organisation;
  return (
    <>
      <TopBar title="New segment" before={<BackLink />} />
      <PageBody narrow>
        <SegmentForm
          given={{ name: "", color: null, expression }}
          options={options}
          currency={currency}
          preview={preview}
          failure={failure}
          submitLabel="Save segment"
        />
      </PageBody>
    </>
  );
}
