import { Form } from "@remix-run/react";
import { FileSpreadsheet, Sparkles } from "lucide-react";
import { Button, ButtonLink } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { useCan, useMe } from "../../lib/me.ts";

/** Before the first import: what will be here, and the two ways to get it. */
export function NoNumbersYet() {
  const mayImport = useCan("data.import");
  const { organisation } = useMe();
  return (
    <div className="rounded-xl border border-line bg-surface py-10">
      <EmptyState
        icon={<FileSpreadsheet />}
        title="Your numbers start with one file"
        actions={
          organisation.is_demo ? null : (
            <>
              {mayImport ? (
                <ButtonLink
                  to="/sources"
                  variant="primary"
                  icon={<FileSpreadsheet aria-hidden="true" className="size-4" />}
                >
                  Upload a CSV
                </ButtonLink>
              ) : null}
              <Form method="post" action="/demo">
                <Button type="submit" icon={<Sparkles aria-hidden="true" className="size-4 text-accent" />}>
                  Look at the demo
                </Button>
              </Form>
            </>
          )
        }
      >
        {mayImport
          ? "A CSV of subscriptions, or of MRR per customer and month, becomes ARR, movements, cohorts and retention here. Two columns are enough to begin."
          : "Somebody with the role editor can upload a CSV; ARR, movements, cohorts and retention then appear here."}
      </EmptyState>
    </div>
  );
}
