import { Form, useFetcher, useRevalidator } from "@remix-run/react";
import { FlaskConical } from "lucide-react";
import { useEffect } from "react";
import { formatCounted } from "#charts/format.ts";
import { ButtonLink, buttonClass } from "../../components/button.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useMe } from "../../lib/me.ts";
import type { loader as demoLoader } from "../../routes/demo.ts";

const every = 700;

/** Over a demo: that its data is invented, how far it has come, and the way to one's own. */
export function DemoBanner() {
  const { organisation, user } = useMe();
  return organisation.is_demo ? <Banner guest={user.email.endsWith("@demo.invalid")} /> : null;
}

function Banner({ guest }: { guest: boolean }) {
  const { load, data, state } = useFetcher<typeof demoLoader>();
  const { revalidate } = useRevalidator();
  const ready = data?.ready ?? null;

  useEffect(() => {
    if (state !== "idle" || ready) return;
    const timer = setTimeout(() => load("/demo"), ready === null ? 0 : every);
    return () => clearTimeout(timer);
  }, [state, ready, load]);

  useEffect(() => {
    if (ready !== null) revalidate();
  }, [ready, revalidate]);

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-accent-soft px-4 py-2 text-sm sm:px-6">
      {ready === false ? (
        <Spinner className="size-4 text-accent" />
      ) : (
        <FlaskConical aria-hidden="true" className="size-4 text-accent" />
      )}
      <p role="status" className="min-w-0 flex-1">
        {ready === false
          ? `The demo company is being made: ${formatCounted(data?.customers ?? 0, "customer")} so far. The numbers appear here by themselves.`
          : "You are looking at a demo company. Its data is invented; change what you like."}
      </p>
      {guest ? (
        <Form method="post" action="/logout">
          <input type="hidden" name="to" value="/signup" />
          <button type="submit" className={buttonClass("secondary", "sm")}>
            Use your own data
          </button>
        </Form>
      ) : (
        <ButtonLink to="/organisations/new" size="sm">
          Use your own data
        </ButtonLink>
      )}
    </div>
  );
}
