import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation } from "@remix-run/react";
import { ArrowLeft, Flag } from "lucide-react";
import { formatDay } from "#charts/format-dates.ts";
import { dayOfInstant } from "#metrics/time-zone.ts";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { AnnotationForm } from "../features/annotations/annotation-form.tsx";
import { ConfirmButton } from "../features/settings/confirm-button.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan } from "../lib/me.ts";
import { safeNext } from "../lib/safe-next.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const handle = liveOn("annotations");

export const meta: MetaFunction = () => [{ title: "Annotations · Jarvis360" }];

const pageLength = 100;

/** `next`: the page that one came from. */
export const loader = guarded(async ({ request, context }) => {
  const search = new URL(request.url).searchParams;
  const cursor = search.get("after");
  const [{ organisation }, { items, next }] = await Promise.all([
    context.me(),
    context.trpc.annotations.list({ limit: pageLength, ...(cursor ? { cursor } : {}) }),
  ]);
  return {
    annotations: items,
    older: next,
    back: safeNext(search.get("next")),
    today: dayOfInstant(Date.now(), organisation?.timezone ?? "UTC"),
  };
});

export const action = submitted(
  async ({ request, context }) => {
    const { annotations } = context.trpc;
    const form = await request.formData();
    const id = fieldText(form, "id");
    if (fieldText(form, "intent") === "delete") {
      await annotations.delete({ id });
      return { saved: "The annotation is deleted.", key: `deleted ${id}` };
    }
    const values = {
      day: fieldText(form, "day"),
      title: fieldText(form, "title").trim(),
      text: fieldText(form, "text").trim() || null,
    };
    const { id: saved, updated_at } = id
      ? await annotations.update({ id, ...values })
      : await annotations.create(values);
    return {
      saved: id ? "The annotation is saved." : `Marked on ${formatDay(values.day)}.`,
      key: `${saved} ${updated_at}`,
    };
  },
  ["id", "day", "title", "text"],
);

export default function Annotations() {
  const { annotations, older, back, today } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const mayEdit = useCan("annotations.edit");
  const { search } = useLocation();
  useAnswerToast(answer);
  const of = (id: string) => (failure && failure.typed.id === id ? failure : null);
  const done = answer && "key" in answer ? answer.key : "";
  const olderSearch = new URLSearchParams(search);
  if (older) olderSearch.set("after", older);
  return (
    <>
      <TopBar
        title="Annotations"
        status="What happened, marked on every chart over time"
        before={
          <Link
            to={back}
            aria-label="Back to the numbers"
            className="grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ArrowLeft aria-hidden="true" className="size-4" />
          </Link>
        }
      />
      <PageBody narrow>
        <div className="grid gap-5">
          <FormFailure failure={failure} shown={["day", "title", "text"]} />
          {mayEdit ? (
            <Card title="Add an annotation">
              <AnnotationForm
                key={done}
                id={null}
                given={{ day: today, title: "", text: "" }}
                failure={of("")}
              />
            </Card>
          ) : null}
          <Card title="All annotations" flush>
            {annotations.length === 0 ? (
              <EmptyState icon={<Flag />} title="Nothing noted yet">
                A price rise, a launch, an outage: note the day, and every chart over time says so where it
                happened.
              </EmptyState>
            ) : (
              <ul className="divide-y divide-line border-t border-line">
                {annotations.map(({ id, day, title, text, created_by }) => (
                  <li key={id} className="grid gap-x-5 gap-y-1 px-5 py-3 sm:grid-cols-[7rem_1fr_auto]">
                    <span className="tabular text-sm text-ink-3">{formatDay(day)}</span>
                    <div className="min-w-0">
                      <p className="font-medium wrap-anywhere">{title}</p>
                      {text ? (
                        <p className="text-sm whitespace-pre-line text-ink-2 wrap-anywhere">{text}</p>
                      ) : null}
                      <p className="text-xs text-ink-3">by {created_by}</p>
                      {mayEdit ? (
                        <details key={done} open={of(id) !== null} className="mt-1">
                          <summary className="link w-max cursor-pointer text-sm">
                            Change<span className="sr-only">: {title}</span>
                          </summary>
                          <div className="py-3">
                            <AnnotationForm
                              id={id}
                              given={{ day, title, text: text ?? "" }}
                              failure={of(id)}
                            />
                          </div>
                        </details>
                      ) : null}
                    </div>
                    {mayEdit ? (
                      <div className="max-sm:-ml-2.5">
                        <ConfirmButton
                          label="Delete"
                          title={`Delete the annotation “${title}”?`}
                          description="It disappears from every chart. No number changes."
                          confirm="Delete annotation"
                          fields={{ intent: "delete", id }}
                        >
                          {" "}
                          {title}
                        </ConfirmButton>
                      </div>
                    ) : null}
                  </li>
                ))}
              </ul>
            )}
          </Card>
          {older ? (
            <Link to={`?${olderSearch}`} className="link justify-self-end text-sm">
              Older annotations
            </Link>
          ) : null}
        </div>
      </PageBody>
    </>
  );
}
