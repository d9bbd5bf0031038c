import { useFetcher } from "@remix-run/react";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { useToast } from "../../components/toast.tsx";
import { failureIn } from "../../lib/failure.ts";
import { savedIn } from "../../lib/saved-in.ts";

interface RowDialogProps {
  /** On the button that opens it. */
  label: ReactNode;
  primary?: boolean;
  title: string;
  description?: ReactNode;
  /** What the page's action is asked to do. */
  intent: string;
  hidden?: Record<string, string>;
  submit: string;
  danger?: boolean;
  /** Names of the fields that show their own errors. */
  shown?: readonly string[];
  /** The fields; `errors` says what is wrong with each. */
  children?: (errors: Record<string, string>) => ReactNode;
}

/** A button, and the small form that it opens: it stays open until what it asks for is done. */
export function RowDialog(props: RowDialogProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size={props.primary ? "md" : "sm"}
        variant={props.primary ? "secondary" : "ghost"}
        onClick={() => setOpen(true)}
      >
        {props.label}
      </Button>
      {open ? <Opened {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Opened({
  title,
  description,
  intent,
  hidden = {},
  submit,
  danger,
  shown,
  children,
  onClose,
}: RowDialogProps & { onClose: () => void }) {
  const fetcher = useFetcher<unknown>();
  const toast = useToast();
  const failure = failureIn(fetcher.data);
  const saved = savedIn(fetcher.data);
  useEffect(() => {
    if (saved === null) return;
    toast({ message: saved });
    onClose();
  }, [saved, toast, onClose]);
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <fetcher.Form method="post" className="grid gap-4">
        <FormFailure failure={failure} shown={shown} />
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {children?.(failure?.fields ?? {})}
        <footer className="flex flex-wrap justify-end gap-2 pt-1">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            name="intent"
            value={intent}
            variant={danger ? "danger" : "primary"}
            pending={fetcher.state !== "idle"}
          >
            {submit}
          </Button>
        </footer>
      </fetcher.Form>
    </Dialog>
  );
}
