import type { MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { KeyRound } from "lucide-react";
import { formatDate, formatDateTime } from "#charts/format-dates.ts";
import { roles } from "#contracts/permissions.ts";
import { Button } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { SelectField, TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Table, Td, Th } from "../components/table.tsx";
import { ConfirmButton } from "../features/settings/confirm-button.tsx";
import { CopyField } from "../features/settings/copy-field.tsx";
import { capitalised, rolesToGive, roleWords } from "../features/settings/role-words.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "API tokens · Jarvis360" }];

export const loader = guarded(async ({ context }) => ({
  tokens: (await context.trpc.tokens.list({ limit: 1000 })).items,
}));

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    if (fieldText(form, "intent") === "delete") {
      await context.trpc.tokens.delete({ id: fieldText(form, "id") });
      return { saved: "The token is deleted and no longer works.", created: null };
    }
    const created = await context.trpc.tokens.create({
      name: fieldText(form, "name").trim(),
      role: roles.find((role) => role === form.get("role")) ?? "viewer",
    });
    return { created: { name: created.name, token: created.token } };
  },
  ["name"],
);

export default function Tokens() {
  const { tokens } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const created = answer && "created" in answer ? answer.created : null;
  const { organisation } = useMe();
  const pending = useNavigation().formData?.get("intent") === "create";
  useAnswerToast(answer);

  return (
    <div className="grid gap-5">
      {created ? (
        <Callout tone="positive" live title={`The token “${created.name}” is made. It is shown only now.`}>
          <div className="mt-2 grid gap-2">
            <CopyField label="Token" value={created.token} />
            <p className="text-xs">Keep it like a password. If it is lost, delete it and make another.</p>
          </div>
        </Callout>
      ) : null}
      <Card title="Make a token" subtitle="For scripts and the REST API">
        <Form
          method="post"
          className="grid items-start gap-4 sm:grid-cols-[1fr_16rem_auto]"
          preventScrollReset
          key={created?.token ?? ""}
        >
          <TextField
            label="Name"
            name="name"
            required
            maxLength={200}
            placeholder="Nightly import"
            defaultValue={failure?.typed.name}
            error={failure?.fields.name}
          />
          <SelectField label="Role" name="role" defaultValue="viewer" error={failure?.fields.role}>
            {rolesToGive(organisation.role).map((role) => (
              <option key={role} value={role}>
                {capitalised(role)}: {roleWords[role].toLowerCase()}
              </option>
            ))}
          </SelectField>
          <Button
            type="submit"
            name="intent"
            value="create"
            variant="primary"
            size="lg"
            pending={pending}
            className="sm:mt-[1.625rem]"
          >
            Make token
          </Button>
        </Form>
      </Card>
      <FormFailure failure={failure} shown={["name", "role"]} />
      <Card
        title="API tokens"
        flush
        actions={
          <a href="/api/docs" className="link text-sm">
            API documentation
          </a>
        }
      >
        {tokens.length === 0 ? (
          <EmptyState icon={<KeyRound />} title="No token yet">
            A token lets a script read numbers or upload files for {organisation.name}, with the role that you
            give it.
          </EmptyState>
        ) : (
          <Table label="API tokens">
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>Ends in</Th>
                <Th>Role</Th>
                <Th>Made by</Th>
                <Th numeric>Made</Th>
                <Th numeric>Last used</Th>
                <Th>
                  <span className="sr-only">Delete</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <Td className="max-w-56 truncate font-medium">{token.name}</Td>
                  <Td className="font-mono text-xs">…{token.last_four}</Td>
                  <Td>{capitalised(token.role)}</Td>
                  <Td className="max-w-48 truncate text-ink-2">{token.email}</Td>
                  <Td numeric>{formatDate(token.created_at, organisation.timezone)}</Td>
                  <Td numeric>
                    {token.last_used_at ? formatDateTime(token.last_used_at, organisation.timezone) : "Never"}
                  </Td>
                  <Td numeric>
                    <ConfirmButton
                      label="Delete"
                      title={`Delete the token “${token.name}”?`}
                      description="Whatever uses it stops working at once. It cannot be brought back."
                      confirm="Delete token"
                      fields={{ intent: "delete", id: token.id }}
                    >
                      {" "}
                      {token.name}
                    </ConfirmButton>
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Card>
    </div>
  );
}
