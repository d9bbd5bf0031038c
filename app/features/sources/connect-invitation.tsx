import { ArrowRight, Zap } from "lucide-react";
import { ButtonLink } from "../../components/button.tsx";

/** Where nothing is connected yet: what connecting does, beside uploading a file. */
export const ConnectInvitation = ({ mayConnect }: { mayConnect: boolean }) => (
  <section
    aria-labelledby="connect"
    className="flex flex-wrap items-center gap-x-6 gap-y-4 rounded-xl border border-line bg-surface p-5"
  >
    <span
      aria-hidden="true"
      className="grid size-11 shrink-0 place-items-center rounded-xl border border-line bg-accent-soft text-accent"
    >
      <Zap className="size-5" />
    </span>
    <div className="grid min-w-0 flex-1 basis-72 gap-1">
      <h2 id="connect" className="text-lg font-semibold">
        Connect Stripe
      </h2>
      <p className="max-w-prose text-sm text-ink-2">
        {mayConnect
          ? "Paste a key that can only read: MRR, customers and cohorts with their whole history are here within minutes, and move whenever something happens in Stripe. No file needed."
          : "Somebody with the role admin can connect Stripe: the numbers then come by themselves and stay live."}
      </p>
    </div>
    {mayConnect ? (
      <ButtonLink to="/sources/new" variant="primary" size="lg" prefetch="intent">
        Connect Stripe
        <ArrowRight aria-hidden="true" className="size-4" />
      </ButtonLink>
    ) : null}
  </section>
);
