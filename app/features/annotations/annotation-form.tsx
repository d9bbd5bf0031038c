import { Form, useNavigation } from "@remix-run/react";
import { Button } from "../../components/button.tsx";
import { Field, TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";

/** Day, title and text of a note; `id` where it exists already. Works without scripts. */
export function AnnotationForm({
  id,
  given,
  failure,
}: {
  id: string | null;
  given: { day: string; title: string; text: string };
  failure: Failure | null;
}) {
  const form = useNavigation().formData;
  const pending = form?.get("intent") === "save" && form.get("id") === (id ?? "");
  const typed = (name: "day" | "title" | "text") => failure?.typed[name] ?? given[name];
  return (
    <Form method="post" className="grid gap-4">
      <input type="hidden" name="id" value={id ?? ""} />
      <div className="grid items-start gap-4 sm:grid-cols-[10rem_1fr]">
        <TextField
          label="Day"
          name="day"
          type="date"
          required
          defaultValue={typed("day")}
          error={failure?.fields.day}
        />
        <TextField
          label="What happened"
          name="title"
          required
          maxLength={200}
          placeholder="Prices went up"
          defaultValue={typed("title")}
          error={failure?.fields.title}
        />
      </div>
      <Field label="More about it, if you like" error={failure?.fields.text}>
        {(wiring) => (
          <textarea
            {...wiring}
            name="text"
            rows={2}
            maxLength={2_000}
            defaultValue={typed("text")}
            className="w-full rounded-lg border border-line-control bg-surface px-3 py-2 text-base text-ink hover:border-ink-3 aria-invalid:border-negative sm:text-sm"
          />
        )}
      </Field>
      <div>
        <Button type="submit" name="intent" value="save" variant="primary" pending={pending}>
          {id === null ? "Add annotation" : "Save annotation"}
        </Button>
      </div>
    </Form>
  );
}
