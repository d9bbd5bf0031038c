import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { CircleOff } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import { formatDate } from "#charts/format-dates.ts";
import { type ExclusionItem, exclusionKinds } from "#contracts/catalogue.ts";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Table, Td, Th } from "../components/table.tsx";
import { ExcludeForm } from "../features/settings/exclude-form.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan, useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "Exclusions · Jarvis360" }];

const most = 500;

export const loader = guarded(async ({ context }) => {
  const [list, { options }] = await Promise.all([
    context.trpc.exclusions.list({ limit: most }),
    context.trpc.analytics.filterOptions(),
  ]);
  return {
    ...list,
    plans: options.find(({ key }) => key === "plan")?.values.map(({ value }) => value) ?? [],
  };
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    if (fieldText(form, "intent") === "include") {
      await context.trpc.exclusions.delete({ id: fieldText(form, "id") });
      return { saved: "It counts in every number again.", made: null };
    }
    const kind = exclusionKinds.find((one) => one === form.get("kind")) ?? "plan";
    const made = await context.trpc.exclusions.create({
      kind,
      id: fieldText(form, "id"),
      reason: fieldText(form, "reason"),
    });
    return { saved: "It counts in no number from now on.", made: made.id };
  },
  ["kind", "id", "reason"],
);

const kindWords = { customer: "Customer", plan: "Plan", subscription: "Subscription" } as const;

export default function Exclusions() {
  const { items, next, plans } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const mayEdit = useCan("data.exclude");
  useAnswerToast(answer);
  return (
    <div className="grid gap-5">
      {mayEdit ? (
        <Card title="Exclude" subtitle="a plan, a subscription or a customer">
          <ExcludeForm key={answer && "made" in answer ? answer.made : ""} plans={plans} failure={failure} />
        </Card>
      ) : (
        <FormFailure failure={failure} />
      )}
      <Card
        title="Excluded"
        subtitle={items.length > 0 ? "in no number, through every import" : undefined}
        flush
      >
        {items.length === 0 ? (
          <EmptyState icon={<CircleOff />} title="Everything counts">
            Test accounts, your own team and free partner plans distort churn and averages. Exclude a customer
            on its page, or a whole plan above: it leaves every number, past ones too, and is listed here.
          </EmptyState>
        ) : (
          <>
            <Table label="Excluded">
              <thead>
                <tr>
                  <Th>What</Th>
                  <Th>Kind</Th>
                  <Th>Reason</Th>
                  <Th>By</Th>
                  <Th numeric>Since</Th>
                  {mayEdit ? (
                    <Th>
                      <span className="sr-only">Count again</span>
                    </Th>
                  ) : null}
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <Row key={item.id} item={item} mayEdit={mayEdit} />
                ))}
              </tbody>
            </Table>
            {next ? (
              <p className="px-5 py-3 text-xs text-ink-3">
                The newest {most} are shown; the API lists all of them.
              </p>
            ) : null}
          </>
        )}
      </Card>
    </div>
  );
}

function underName({ kind, target_id, customers }: ExclusionItem): string | null {
  if (customers !== null) return formatCounted(customers, "customer");
  return kind === "customer" ? target_id : null;
}

function Row({ item, mayEdit }: { item: ExclusionItem; mayEdit: boolean }) {
  const { organisation } = useMe();
  const doing = useNavigation().formData;
  const { id, kind, target_id: target, name } = item;
  return (
    <tr>
      <Td className="max-w-64">
        {kind === "customer" ? (
          <Link to={`/customers/${encodeURIComponent(target)}`} className="link block truncate font-medium">
            {name || target}
          </Link>
        ) : (
          <span className="block truncate font-medium">{target}</span>
        )}
        <span className="block truncate text-xs text-ink-3">{underName(item)}</span>
      </Td>
      <Td>
        <Badge>{kindWords[kind]}</Badge>
      </Td>
      <Td className="max-w-56 min-w-32 wrap-anywhere text-ink-2">{item.reason}</Td>
      <Td className="max-w-48 truncate text-ink-2">{item.by ?? "–"}</Td>
      <Td numeric>{formatDate(item.at, organisation.timezone)}</Td>
      {mayEdit ? (
        <Td numeric>
          <Form method="post" preventScrollReset>
            <input type="hidden" name="id" value={id} />
            <Button
              type="submit"
              size="sm"
              variant="ghost"
              name="intent"
              value="include"
              pending={doing?.get("intent") === "include" && doing.get("id") === id}
            >
              Count again<span className="sr-only"> {name || target}</span>
            </Button>
          </Form>
        </Td>
      ) : null}
    </tr>
  );
}
