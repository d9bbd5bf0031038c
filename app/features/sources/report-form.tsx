import { Form, useNavigation } from "@remix-run/react";
import { ExternalLink } from "lucide-react";
import { useId } from "react";
import { Button } from "../../components/button.tsx";
import { controlClass } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";

/** Takes Stripe's own report to compare with. */
export function ReportForm({ failure, again }: { failure: Failure | null; again: boolean }) {
  const id = useId();
  const pending = useNavigation().formData?.get("intent") === "report";
  return (
    <div className="grid gap-4">
      <FormFailure failure={failure} />
      {again ? null : (
        <ol className="grid list-decimal gap-1.5 pl-5 text-sm text-ink-2">
          <li>
            In Stripe, open{" "}
            <a
              className="link inline-flex items-center gap-1"
              href="https://dashboard.stripe.com/billing"
              target="_blank"
              rel="noreferrer"
            >
              Billing overview
              <ExternalLink aria-hidden="true" className="size-3" />
            </a>{" "}
            and choose “Download”.
          </li>
          <li>Take the report “MRR per subscriber per month”.</li>
          <li>Give its CSV file here. It is compared and changes no number.</li>
        </ol>
      )}
      <Form method="post" encType="multipart/form-data" className="flex flex-wrap items-center gap-3">
        <label htmlFor={id} className="sr-only">
          Stripe’s report as a CSV file
        </label>
        <input
          id={id}
          type="file"
          name="file"
          required
          accept=".csv,text/csv,text/plain"
          className={controlClass(
            "md",
            "max-w-sm py-1 file:mr-3 file:rounded-md file:border-0 file:bg-sunken file:px-2.5 file:py-1 file:text-xs file:font-medium file:text-ink",
          )}
        />
        <Button
          type="submit"
          name="intent"
          value="report"
          size="lg"
          variant={again ? "secondary" : "primary"}
          pending={pending}
        >
          {again ? "Compare with this one" : "Compare"}
        </Button>
      </Form>
    </div>
  );
}
