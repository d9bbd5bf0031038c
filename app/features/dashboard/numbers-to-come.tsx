import { Form, useNavigation } from "@remix-run/react";
import { Button, ButtonLink } from "../../components/button.tsx";
import { useCan } from "../../lib/me.ts";

/** Over a dashboard that is shaped before there is data: how its cards get their numbers, one step away. */
export function NumbersToCome() {
  const mayImport = useCan("data.import");
  const mayConnect = useCan("sources.manage");
  const opening = useNavigation().formAction === "/demo";
  return (
    <section
      aria-label="Numbers are still to come"
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-line bg-surface px-4 py-3 text-sm"
    >
      <p className="min-w-0 flex-1 basis-72 text-ink-2">
        <strong className="font-medium text-ink">No numbers yet.</strong> Shape the dashboard as you like: its
        cards fill by themselves with the first import.
      </p>
      <div className="flex flex-wrap gap-2">
        {mayImport ? (
          <ButtonLink to="/sources" size="sm" prefetch="intent">
            Upload a CSV
          </ButtonLink>
        ) : null}
        {mayConnect ? (
          <ButtonLink to="/sources/new" size="sm" prefetch="intent">
            Connect Stripe
          </ButtonLink>
        ) : null}
        <Form method="post" action="/demo">
          <Button type="submit" size="sm" pending={opening}>
            Look at the demo
          </Button>
        </Form>
      </div>
    </section>
  );
}
