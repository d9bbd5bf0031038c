import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useNavigation } from "@remix-run/react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, signInPath, submitted } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "New organisation · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  if (!context.signedIn) throw redirect(signInPath(request));
  return null;
});

export const action = submitted(
  async ({ request, context }) => {
    await context.trpc.org.create({ name: fieldText(await request.formData(), "name").trim() });
    throw redirect("/");
  },
  ["name"],
);

export default function NewOrganisation() {
  const failure = failureIn(useActionData<typeof action>());
  const pending = useNavigation().formMethod === "POST";
  return (
    <Entrance
      title="New organisation"
      lead="It has its own data, dashboards and members. You will be its owner; next you connect Stripe or drop a file."
      foot={
        <Link className="link" to="/">
          Back to the dashboard
        </Link>
      }
    >
      <FormFailure failure={failure} shown={["name"]} />
      <Form method="post" className="grid gap-4">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={200}
          autoComplete="organization"
          defaultValue={failure?.typed.name}
          error={failure?.fields.name}
        />
        <Button type="submit" variant="primary" size="xl" pending={pending}>
          Create organisation
        </Button>
      </Form>
    </Entrance>
  );
}
