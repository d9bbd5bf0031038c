import { type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { BackLink } from "../features/segments/back-link.tsx";
import { findPreview, listConditionOptions } from "../features/segments/load-segments.server.ts";
import { segmentFields } from "../features/segments/segment-fields.server.ts";
import { SegmentForm } from "../features/segments/segment-form.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.segment.name ?? "Segment"} · Jarvis360` },
];

const idOf = ({ params }: Pick<LoaderFunctionArgs, "params">): string => params.id ?? "";

export const loader = guarded(async (args) => {
  const segment = await args.context.trpc.segments.get({ id: idOf(args) });
  const [options, preview] = await Promise.all([
    listConditionOptions(args.context),
    findPreview(args.context, segment.expression),
  ]);
  return { segment, options, preview };
});

export const action = submitted(
  async (args) => {
    const values = segmentFields(await args.request.formData());
    await args.context.trpc.segments.update({ id: idOf(args), ...values });
    throw redirect("/segments");
  },
  ["name", "color"],
);

export default function EditSegment() {
  const { segment, options, preview } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const { currency } = useMe().organisation;
  return (
    <>
      <TopBar title={segment.name} before={<BackLink />} />
      <PageBody narrow>
        <SegmentForm
          key={segment.id}
          given={segment}
          options={options}
          currency={currency}
          preview={preview}
          failure={failure}
          submitLabel="Save changes"
        />
      </PageBody>
    </>
  );
}
