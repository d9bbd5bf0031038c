import { useFetcher } from "@remix-run/react";
import { useEffect, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { useToast } from "../../components/toast.tsx";
import { failureIn } from "../../lib/failure.ts";
import { savedIn } from "../../lib/saved-in.ts";

const reasons = [
  { value: "test", label: "A test customer", hint: "Made to try something out." },
  { value: "internal", label: "An internal customer", hint: "Our own team or company." },
  { value: "other", label: "Something else", hint: null },
] as const;

/** Asks why a customer is to leave every number. */
export function ExcludeDialog({ name, open, onClose }: { name: string; open: boolean; onClose: () => void }) {
  const fetcher = useFetcher<unknown>();
  const toast = useToast();
  const [reason, setReason] = useState<string>("test");
  const failure = failureIn(fetcher.data);
  const saved = savedIn(fetcher.data);
  useEffect(() => {
    if (saved === null) return;
    toast({ message: saved });
    onClose();
  }, [saved, toast, onClose]);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Exclude ${name} from the numbers?`}
      description="It leaves every number, past ones too, and stays out through later imports. You can count it again at any time."
    >
      <fetcher.Form method="post" className="grid gap-4">
        <FormFailure failure={failure} shown={["reason"]} />
        <fieldset className="grid gap-2">
          <legend className="pb-1 text-sm font-medium">Why?</legend>
          {reasons.map(({ value, label, hint }) => (
            <label key={value} className="flex items-start gap-2.5 text-sm">
              <input
                type="radio"
                name="reason"
                value={value}
                checked={reason === value}
                onChange={() => setReason(value)}
                className="mt-0.5 size-4 accent-accent-fill"
              />
              <span>
                {label}
                {hint ? <span className="block text-xs text-ink-3">{hint}</span> : null}
              </span>
            </label>
          ))}
        </fieldset>
        {reason === "other" ? (
          <TextField label="Reason" name="words" required maxLength={200} error={failure?.fields.reason} />
        ) : null}
        <footer className="flex flex-wrap justify-end gap-2 pt-1">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            name="intent"
            value="exclude"
            pending={fetcher.state !== "idle"}
          >
            Exclude
          </Button>
        </footer>
      </fetcher.Form>
    </Dialog>
  );
}
