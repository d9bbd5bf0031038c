import { Form, useNavigation } from "@remix-run/react";
import { type ReactNode, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";

/** A button whose deed cannot be taken back: it asks first, and its answer names what is destroyed. */
export function ConfirmButton({
  label,
  title,
  description,
  confirm,
  fields,
  children,
}: {
  label: ReactNode;
  title: string;
  description: ReactNode;
  /** On the red button: the deed itself. */
  confirm: string;
  /** What the form sends. */
  fields: Record<string, string>;
  /** Names the small button for screen readers, where the label alone stands many times on a page. */
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const pending = useNavigation().formMethod === "POST";
  return (
    <>
      <Button size="sm" variant="ghost" onClick={() => setOpen(true)}>
        {label}
        {children ? <span className="sr-only">{children}</span> : null}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={title}
        description={description}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Form method="post" preventScrollReset onSubmit={() => setOpen(false)}>
              {Object.entries(fields).map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={value} />
              ))}
              <Button type="submit" variant="danger" pending={pending}>
                {confirm}
              </Button>
            </Form>
          </>
        }
      />
    </>
  );
}
