import { Form, Link, useNavigation } from "@remix-run/react";
import { useState } from "react";
import { formatCounted, formatMoney, formatPercent } from "#charts/format.ts";
import { type SegmentColor, segmentColorOrder } from "#contracts/segment-colors.ts";
import type { SegmentPreview } from "#contracts/segments.ts";
import type { Expression } from "#metrics/segments.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { cx } from "../../components/class-names.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";
import type { FilterOption } from "../dashboard/filter-options.ts";
import { ExpressionBuilder } from "./expression-builder.tsx";
import { draftOf, expressionOf, incompleteRows } from "./expression-draft.ts";
import { describeExpression } from "./segment-words.ts";
import { usePreview } from "./use-preview.ts";

interface Given {
  name: string;
  color: SegmentColor | null;
  expression: Expression | null;
}

/** A new segment or one that exists, with who matches it as one goes. Without scripts its name and colour can be changed. */
export function SegmentForm({
  given,
  options,
  currency,
  preview: initialPreview,
  failure,
  submitLabel,
}: {
  given: Given;
  options: readonly FilterOption[];
  currency: string;
  preview: SegmentPreview | null;
  failure: Failure | null;
  submitLabel: string;
}) {
  const [draft, setDraft] = useState(() => draftOf(given.expression));
  const [isChecked, setChecked] = useState(false);
  const expression = expressionOf(draft);
  const missing = incompleteRows(draft).length > 0 || expression === null;
  const { preview, isPending } = usePreview(expression, {
    expression: given.expression,
    preview: initialPreview,
  });
  const pending = useNavigation().formMethod === "POST";
  return (
    <Form
      method="post"
      className="grid gap-5"
      onSubmit={(event) => {
        if (!missing) return;
        event.preventDefault();
        setChecked(true);
      }}
    >
      <input type="hidden" name="expression" value={JSON.stringify(expression ?? given.expression)} />
      <FormFailure failure={failure} shown={["name"]} />
      <Card>
        <div className="grid items-start gap-4 sm:grid-cols-[1fr_12rem]">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={200}
            placeholder="Enterprise in Europe"
            defaultValue={failure?.typed.name ?? given.name}
            error={failure?.fields.name}
          />
          <SelectField
            label="Colour of its line"
            name="color"
            defaultValue={failure?.typed.color ?? given.color ?? ""}
          >
            <option value="">Automatic</option>
            {segmentColorOrder.map((color) => (
              <option key={color} value={color}>
                {color.charAt(0).toUpperCase() + color.slice(1)}
              </option>
            ))}
          </SelectField>
        </div>
      </Card>
      <Card
        title="Conditions"
        subtitle="Plan, interval, currency and source keep the matching amounts; the rest chooses customers"
      >
        <noscript>
          <p className="mb-3 text-sm text-ink-2">
            Conditions need scripts to be changed here. Without them, filter a dashboard and save its filters
            as a segment.
          </p>
        </noscript>
        <ExpressionBuilder
          draft={draft}
          options={options}
          currency={currency}
          isChecked={isChecked}
          onChange={setDraft}
        />
        {isChecked && expression === null && incompleteRows(draft).length === 0 ? (
          <p role="alert" className="mt-3 text-sm font-medium text-negative">
            A segment needs at least one condition.
          </p>
        ) : null}
      </Card>
      <Card title="Who matches today">
        <div aria-live="polite" className={cx("grid gap-1.5", isPending && "opacity-60")}>
          <p className="text-sm text-ink-2">
            {expression ? describeExpression(expression, currency) : "Add a condition to see who matches."}
          </p>
          {expression && preview ? <PreviewLine preview={preview} /> : null}
          {expression && !preview && !isPending ? (
            <p className="text-sm text-ink-3">
              Who matches could not be counted just now. Saving still works.
            </p>
          ) : null}
        </div>
      </Card>
      <div className="flex gap-2">
        <Button type="submit" variant="primary" size="lg" pending={pending}>
          {submitLabel}
        </Button>
        <Link to="/segments" className={buttonClass("secondary", "lg")}>
          Cancel
        </Link>
      </div>
    </Form>
  );
}

const PreviewLine = ({ preview }: { preview: SegmentPreview }) => (
  <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
    <span className="tabular text-xl font-semibold" data-preview="customers" data-value={preview.customers}>
      {formatCounted(preview.customers, "paying customer")}
    </span>
    <span className="tabular text-xl font-semibold" data-preview="mrr" data-value={preview.mrr ?? ""}>
      {formatMoney(preview.mrr, preview.currency)} MRR
    </span>
    <span className="text-sm text-ink-3">
      {preview.share === null ? "" : `${formatPercent(preview.share)} of all`}
      {preview.matching > preview.customers
        ? ` · ${formatCounted(preview.matching, "customer")} with those who do not pay now`
        : ""}
    </span>
  </p>
);
