import { Form, useRevalidator } from "@remix-run/react";
import { FlaskConical } from "lucide-react";
import { useEffect, useState } from "react";
import { formatCounted } from "#charts/format.ts";
import { ButtonLink, buttonClass } from "../../components/button.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { onLiveEvents } from "../../lib/live-state.ts";
import { type DemoProgress, useMe } from "../../lib/me.ts";
import { useAskEvery } from "../live/use-live-while.ts";
import { approachAll } from "../widgets/approach.ts";

/** Over a demo: that its data is invented, how far it has come, and the way to one's own. */
export function DemoBanner() {
  const { demo, user } = useMe();
  return demo ? <Banner atFirst={demo} guest={user.email.endsWith("@demo.invalid")} /> : null;
}

/** Asks until the demo is there, and has the page follow. */
function useDemoProgress(atFirst: DemoProgress): DemoProgress {
  const [progress, setProgress] = useState(atFirst);
  const { revalidate } = useRevalidator();
  const { ready } = progress;
  const everyMs = useAskEvery();

  useEffect(() => {
    if (ready) return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const { trpc } = await import("../../lib/trpc.ts");
      const now = await trpc.demo.progress.query().catch(() => null);
      if (stopped) return;
      if (now) setProgress(now);
      clearTimeout(timer);
      if (now?.ready) {
        approachAll();
        revalidate();
      } else timer = setTimeout(ask, everyMs);
    };
    timer = setTimeout(ask, everyMs);
    const end = onLiveEvents(() => void ask());
    return () => {
      stopped = true;
      clearTimeout(timer);
      end();
    };
  }, [ready, revalidate, everyMs]);

  return progress;
}

function Banner({ atFirst, guest }: { atFirst: DemoProgress; guest: boolean }) {
  const { ready, customers } = useDemoProgress(atFirst);

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-accent-soft px-4 py-2 text-sm sm:px-6">
      {ready ? (
        <FlaskConical aria-hidden="true" className="size-4 text-accent" />
      ) : (
        <Spinner className="size-4 text-accent" />
      )}
      <p role="status" className="min-w-0 flex-1">
        {ready
          ? "You are looking at a demo company. Its data is invented; change what you like."
          : `The demo company is being made: ${formatCounted(customers, "customer")} so far. The numbers appear here by themselves.`}
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
