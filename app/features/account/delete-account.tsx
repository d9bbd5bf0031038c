import { Form } from "@remix-run/react";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";
import { PasswordField } from "./password-field.tsx";

/** The end of an account: what goes with it is named before, and the password asked for. */
export function DeleteAccount({
  email,
  ends,
  needsOwner,
  failure,
  pending,
}: {
  email: string;
  /** Organisations that nobody else belongs to. */
  ends: readonly string[];
  /** Organisations that would be left without an owner. */
  needsOwner: readonly string[];
  failure: Failure | null;
  pending: boolean;
}) {
  const [isOpen, setOpen] = useState(failure !== null);
  const isBlocked = needsOwner.length > 0;
  return (
    <Card title="Delete your account">
      <div className="grid max-w-prose justify-items-start gap-3 text-sm text-ink-2">
        <p>
          You are signed out everywhere and leave every organisation; your API tokens stop working. Comments
          and dashboards that you worked on stay, without your name. Audit logs keep your address.
        </p>
        {isBlocked ? (
          <p className="text-ink">
            You are the only owner of <Names names={needsOwner} />. Make somebody else an owner first, or
            delete it.
          </p>
        ) : null}
        <Button
          variant="danger"
          className="needs-scripts"
          disabled={isBlocked}
          onClick={() => setOpen(true)}
          pending={pending}
        >
          Delete account…
        </Button>
      </div>
      <Dialog
        open={isOpen}
        onClose={() => setOpen(false)}
        title="Delete your account?"
        description={`The account ${email} cannot be brought back.`}
      >
        <Form method="post" className="grid gap-4">
          <FormFailure failure={failure} shown={["password"]} />
          {ends.length > 0 ? (
            <p className="text-sm">
              <Names names={ends} />, where nobody else belongs, {ends.length === 1 ? "is" : "are"} deleted
              with it: every import, dashboard and comment.
            </p>
          ) : null}
          <input type="hidden" name="with_organisations" value={String(ends.length > 0)} />
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          <PasswordField
            label="Your password"
            name="password"
            autoComplete="current-password"
            required
            error={failure?.fields.password}
          />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>Keep the account</Button>
            <Button type="submit" variant="danger" name="intent" value="delete-account" pending={pending}>
              Delete {email}
            </Button>
          </div>
        </Form>
      </Dialog>
    </Card>
  );
}

const Names = ({ names }: { names: readonly string[] }) => (
  <strong className="font-medium text-ink">{names.join(", ")}</strong>
);
