import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation, useSubmit } from "@remix-run/react";
import { formatDate } from "#charts/format-dates.ts";
import { roles } from "#contracts/permissions.ts";
import { Avatar } from "../components/avatar.tsx";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { SelectField, TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { ConfirmButton } from "../features/settings/confirm-button.tsx";
import { capitalised, rolesToGive, roleWords } from "../features/settings/role-words.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan, useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "Members · Jarvis360" }];

export const loader = guarded(async ({ context }) => {
  const { can } = await context.me();
  const [members, invitations] = await Promise.all([
    context.trpc.members.list({ limit: 1000 }),
    can["members.manage"] ? context.trpc.invitations.list({ limit: 1000 }) : { items: [] },
  ]);
  return { members: members.items, invitations: invitations.items };
});

const roleIn = (form: FormData) => roles.find((role) => role === form.get("role")) ?? "viewer";

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    const email = fieldText(form, "email");
    switch (fieldText(form, "intent")) {
      case "invite":
        await context.trpc.invitations.create({ email, role: roleIn(form) });
        return { saved: `${email.trim()} is invited.`, done: email };
      case "revoke":
        await context.trpc.invitations.revoke({ id: fieldText(form, "id") });
        return { saved: "The invitation is withdrawn; its link no longer works." };
      case "leave":
        await context.trpc.members.remove({ email });
        throw redirect("/welcome");
      case "remove":
        await context.trpc.members.remove({ email });
        return { saved: `${email} is no longer a member.` };
      default: {
        const role = roleIn(form);
        await context.trpc.members.setRole({ email, role });
        return { saved: `${email} is now ${role}.` };
      }
    }
  },
  ["intent", "email"],
);

export default function Members() {
  const { members, invitations } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const inviting = failure?.typed.intent === "invite" ? failure : null;
  const mayManage = useCan("members.manage");
  const { organisation, mail_is_sent } = useMe();
  const doing = useNavigation().formData?.get("intent");
  const submit = useSubmit();
  useAnswerToast(answer);

  return (
    <div className="grid gap-5">
      {mayManage ? (
        <Card title="Invite somebody">
          <Form
            method="post"
            className="grid items-start gap-4 sm:grid-cols-[1fr_14rem_auto]"
            preventScrollReset
            key={answer && "done" in answer ? answer.done : ""}
          >
            <TextField
              label="E-mail"
              name="email"
              type="email"
              required
              defaultValue={inviting?.typed.email}
              error={inviting?.fields.email}
              hint={
                mail_is_sent
                  ? "The link works once, for seven days."
                  : "No mail server is set: the link waits in the outbox. It works once, for seven days."
              }
            />
            <SelectField label="Role" name="role" defaultValue="viewer" error={inviting?.fields.role}>
              {rolesToGive(organisation.role).map((role) => (
                <option key={role} value={role}>
                  {capitalised(role)}: {roleWords[role].toLowerCase()}
                </option>
              ))}
            </SelectField>
            <Button
              type="submit"
              name="intent"
              value="invite"
              variant="primary"
              size="lg"
              pending={doing === "invite"}
              className="sm:mt-[1.625rem]"
            >
              Invite
            </Button>
          </Form>
        </Card>
      ) : null}
      <FormFailure failure={failure} shown={inviting ? ["email", "role"] : []} />
      <Card title="Members" subtitle={String(members.length)} flush>
        <ul>
          {members.map((member) => {
            const mayChange = mayManage && rolesToGive(organisation.role).includes(member.role);
            return (
              <li
                key={member.email}
                className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-5 py-3"
              >
                <Avatar name={member.name || member.email} id={member.email} />
                <div className="min-w-40 flex-1 text-sm">
                  <p className="flex items-center gap-2 font-medium">
                    <span className="truncate">{member.name || member.email}</span>
                    {member.you ? <Badge>You</Badge> : null}
                  </p>
                  <p className="truncate text-xs text-ink-3">
                    {member.email} · since {formatDate(member.joined_at, organisation.timezone)}
                  </p>
                </div>
                {mayChange ? (
                  <Form method="post" preventScrollReset className="flex items-center gap-1">
                    <input type="hidden" name="intent" value="role" />
                    <input type="hidden" name="email" value={member.email} />
                    <SelectField
                      label={`Role of ${member.email}`}
                      hideLabel
                      controlSize="sm"
                      name="role"
                      key={member.role}
                      defaultValue={member.role}
                      onChange={(event) => submit(event.currentTarget.form, { preventScrollReset: true })}
                    >
                      {rolesToGive(organisation.role).map((role) => (
                        <option key={role} value={role}>
                          {capitalised(role)}
                        </option>
                      ))}
                    </SelectField>
                    <noscript>
                      <Button type="submit" size="sm">
                        Save
                      </Button>
                    </noscript>
                  </Form>
                ) : (
                  <span className="text-sm text-ink-2">{capitalised(member.role)}</span>
                )}
                {member.you || mayChange ? (
                  <ConfirmButton
                    label={member.you ? "Leave" : "Remove"}
                    title={
                      member.you ? `Leave ${organisation.name}?` : `Remove ${member.name || member.email}?`
                    }
                    description={
                      member.you
                        ? "You lose access at once. Only an invitation brings you back."
                        : "They lose access at once, and API tokens that they made stop working. What they uploaded stays."
                    }
                    confirm={member.you ? `Leave ${organisation.name}` : "Remove member"}
                    fields={{ intent: member.you ? "leave" : "remove", email: member.email }}
                  >
                    {" "}
                    {member.email}
                  </ConfirmButton>
                ) : null}
              </li>
            );
          })}
        </ul>
      </Card>
      {invitations.length > 0 ? (
        <Card title="Open invitations" flush>
          <ul>
            {invitations.map((invitation) => (
              <li
                key={invitation.id}
                className="flex flex-wrap items-center gap-3 border-t border-line px-5 py-3 text-sm"
              >
                <div className="min-w-40 flex-1">
                  <p className="truncate font-medium">{invitation.email}</p>
                  <p className="text-xs text-ink-3">
                    as {invitation.role}
                    {invitation.invited_by ? `, by ${invitation.invited_by}` : ""} · until{" "}
                    {formatDate(invitation.expires_at, organisation.timezone)}
                  </p>
                </div>
                <Form method="post" preventScrollReset>
                  <input type="hidden" name="id" value={invitation.id} />
                  <Button type="submit" size="sm" variant="ghost" name="intent" value="revoke">
                    Withdraw<span className="sr-only"> the invitation of {invitation.email}</span>
                  </Button>
                </Form>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
    </div>
  );
}
