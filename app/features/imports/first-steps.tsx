import { Form, Link, useNavigation } from "@remix-run/react";
import { Sparkles } from "lucide-react";
import { kindLabels } from "#contracts/upload-kinds.ts";
import { Button } from "../../components/button.tsx";
import { useCan } from "../../lib/me.ts";
import { ConnectInvitation } from "../sources/connect-invitation.tsx";
import { ArrivingList } from "./arriving-list.tsx";
import { DropZone } from "./drop-zone.tsx";
import type { Arriving } from "./list-arriving.server.ts";
import { RatesMissing } from "./rates-missing.tsx";
import { useUploads } from "./use-uploads.ts";

const steps = [
  {
    title: "Connect or drop a file",
    text: "Stripe with a key that can only read, a CSV export of any billing system, or a spreadsheet of MRR by month.",
  },
  {
    title: "Say what is unclear",
    text: "Columns are recognised by name. You are asked only where something could be read in two ways.",
  },
  {
    title: "See your numbers",
    text: "ARR, its movements, composition, top customers and cohorts appear here by themselves.",
  },
] as const;

/** An organisation without data: how to get from nothing to numbers, begun right here. */
export function FirstSteps({ arriving }: { arriving: Arriving | null }) {
  const { sending, send, drop } = useUploads();
  const mayImport = useCan("data.import");
  const mayConnect = useCan("sources.manage");
  const opening = useNavigation().formAction === "/demo";
  return (
    <div className="mx-auto grid w-full max-w-4xl gap-8 py-6 sm:py-10">
      <div className="grid gap-2 text-center">
        <h2 className="text-2xl font-semibold tracking-tight">Your numbers start here</h2>
        <p className="mx-auto max-w-xl text-ink-2">
          {mayConnect
            ? "Connect your billing system, or give a file of who pays what, and since when: two or three columns are enough."
            : mayImport
              ? "Who pays what, and since when: two or three columns are enough for the first dashboard."
              : "Somebody with the role editor can upload a file; its numbers then appear here by themselves."}
        </p>
      </div>
      {arriving?.isUnvalued ? <RatesMissing /> : null}
      {arriving ? <ArrivingList uploads={arriving.uploads} sources={arriving.sources} /> : null}
      {mayConnect ? (
        <div className="grid gap-5">
          <ConnectInvitation mayConnect />
          <p aria-hidden="true" className="flex items-center gap-3 text-xs text-ink-3">
            <span className="h-px flex-1 bg-line" />
            or
            <span className="h-px flex-1 bg-line" />
          </p>
          <DropZone sending={sending} send={send} drop={drop} />
        </div>
      ) : mayImport ? (
        <DropZone sending={sending} send={send} drop={drop} />
      ) : null}
      <ol className="grid gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-3">
        {steps.map(({ title, text }, index) => (
          <li key={title} className="grid content-start gap-1.5 bg-surface p-5">
            <span
              aria-hidden="true"
              className="tabular grid size-6 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
            >
              {index + 1}
            </span>
            <h3 className="mt-1 text-sm font-semibold">{title}</h3>
            <p className="text-sm text-ink-2">{text}</p>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap items-center justify-center gap-x-5 gap-y-3 text-sm text-ink-2">
        <Form method="post" action="/demo">
          <Button
            type="submit"
            pending={opening}
            icon={<Sparkles aria-hidden="true" className="size-4 text-accent" />}
          >
            Look at the demo
          </Button>
        </Form>
        {mayImport ? (
          <p>
            No file at hand? Try our examples of{" "}
            <a className="link" href="/examples/subscriptions.csv" download>
              {kindLabels.subscriptions.toLowerCase()}
            </a>{" "}
            or{" "}
            <a className="link" href="/examples/mrr_by_month.csv" download>
              {kindLabels.mrr_by_month}
            </a>
            , or see{" "}
            <Link className="link" to="/sources#kinds" prefetch="intent">
              what a file may hold
            </Link>
            .
          </p>
        ) : null}
      </div>
    </div>
  );
}
