import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import type { AuthoriseFault, ProbeSourceOutput } from "#contracts/sources.ts";
import { Button } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { ConnectForm } from "../features/sources/connect-form.tsx";
import { KeyGuide } from "../features/sources/key-guide.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "Connect Stripe · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  const { stripe } = await context.trpc.sources.options();
  const asked = new URL(request.url).searchParams.get("error") ?? "";
  return { oauth: stripe.oauth, fault: Object.hasOwn(faultWords, asked) ? faultWords[asked as Fault] : null };
});

type Fault = AuthoriseFault;
/** Why somebody came back from Stripe's own page without a source. */
const faultWords: Record<Fault, string> = {
  denied: "You said no on Stripe’s page. Nothing was connected.",
  expired: "The way over Stripe’s page took too long or began in another browser. Begin again.",
  refused: "Stripe did not accept the connection. Begin again, or use a restricted key.",
  exists: "This account is connected already.",
  unavailable: "Stripe could not be reached. Try again in a moment.",
};

interface Answer {
  probe: ProbeSourceOutput | null;
}

export const action = submitted(
  async ({ request, context }): Promise<Answer> => {
    const form = await request.formData();
    const account = fieldText(form, "stripe_account").trim();
    const asked = {
      kind: "stripe" as const,
      credentials: { api_key: fieldText(form, "api_key").trim() },
      options: account === "" ? undefined : { stripe_account: account },
    };
    if (fieldText(form, "intent") === "oauth") {
      const { url } = await context.trpc.sources.authorise({ kind: "stripe", name: "Stripe" });
      throw redirect(url);
    }
    if (fieldText(form, "intent") !== "connect") return { probe: await context.trpc.sources.probe(asked) };
    const { id } = await context.trpc.sources.create({ ...asked, name: fieldText(form, "name").trim() });
    throw redirect(`/sources/${id}`);
  },
  ["name", "stripe_account"],
);

export default function ConnectStripe() {
  const { oauth, fault } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const probe = answer && "probe" in answer ? answer.probe : null;
  const mayManage = useCan("sources.manage");
  return (
    <>
      <TopBar
        before={
          <Link
            to="/sources"
            aria-label="Back to sources"
            className="-ml-2 grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
        title="Connect Stripe"
        status="Numbers within minutes, live from then on"
      />
      <PageBody narrow>
        {mayManage ? (
          <div className="grid max-w-3xl gap-5">
            {fault ? <Callout tone="warning" live title={fault} /> : null}
            {oauth ? (
              <Card title="Connect on Stripe’s own page" subtitle="No key to copy">
                <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
                  <p className="min-w-0 flex-1 basis-72 text-sm text-ink-2">
                    Stripe asks whether Jarvis360 may read this account, and brings you back here.
                  </p>
                  <Form method="post" reloadDocument>
                    <Button type="submit" name="intent" value="oauth" variant="primary" size="lg">
                      Continue to Stripe
                    </Button>
                  </Form>
                </div>
              </Card>
            ) : null}
            <Card title="1. Make a key that can only read">
              <KeyGuide />
            </Card>
            <Card title="2. Paste it, and see what it may read">
              <ConnectForm probe={probe} failure={failure} />
            </Card>
          </div>
        ) : (
          <EmptyState title="Admins connect billing systems">
            Ask somebody with the role admin or owner to connect Stripe: its numbers then appear for everybody
            here.
          </EmptyState>
        )}
      </PageBody>
    </>
  );
}
