import { Form, useNavigation, useSearchParams, useSubmit } from "@remix-run/react";
import { useMemo, useState } from "react";
import { columnsOf, kindLabels, type UploadKind, uploadKinds } from "#contracts/upload-kinds.ts";
import type { UploadMapping, UploadOutput } from "#contracts/uploads.ts";
import { Button } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { Card } from "../../components/card.tsx";
import { SelectField } from "../../components/field.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import type { Failure } from "../../lib/failure.ts";
import { MappingChecklist } from "./mapping-checklist.tsx";
import { MappingTable } from "./mapping-table.tsx";
import { QuestionFields } from "./question-fields.tsx";
import { ReadingOptions } from "./reading-options.tsx";
import { suggestFromValues } from "./suggest-from-values.ts";
import { mappingGaps, suggestMapping } from "./suggest-mapping.ts";
import { kindHelp, kindInSentence } from "./words.ts";

/**
 * Asks what only a person knows: what kind of file it is, what each column means, how dates and numbers are written. Starts from
 * the best guess; the file's own rows stand below every answer.
 */
export function MappingForm({
  upload,
  kind: startKind,
  header,
  rows,
  currency,
  failure,
}: {
  upload: UploadOutput;
  /** From the address, or what was detected. */
  kind: UploadKind;
  header: readonly string[];
  rows: readonly (readonly string[])[];
  currency: string;
  failure: Failure | null;
}) {
  const [params] = useSearchParams();
  const submit = useSubmit();
  const pending = useNavigation().formMethod === "POST";
  const { start, guessed } = useMemo(() => {
    const byName: UploadMapping = {
      ...suggestMapping(startKind, header),
      ...(upload.kind === startKind ? upload.mapping : null),
    };
    const isAsked = upload.questions.some(({ code }) => code === "ambiguous_column");
    const byValues =
      isAsked || mappingGaps(startKind, byName).missing.length > 0
        ? suggestFromValues(startKind, byName, header, rows)
        : {};
    return { start: { ...byName, ...byValues }, guessed: byValues };
  }, [startKind, header, rows, upload.kind, upload.mapping, upload.questions]);
  const [changed, setChanged] = useState<{ kind: UploadKind; mapping: UploadMapping }>({
    kind: startKind,
    mapping: {},
  });
  const mapping = changed.kind === startKind ? { ...start, ...changed.mapping } : start;
  const gaps = mappingGaps(startKind, mapping);
  const ready = gaps.missing.length === 0 && gaps.twice.length === 0;
  const needed = columnsOf(startKind).filter(({ required }) => required).length;

  return (
    <div className="grid grid-cols-1 gap-5">
      {upload.status === "needs_mapping" ? (
        <Callout tone="warning" title="This file needs an answer from you">
          <ul>
            {upload.questions.map((question) => (
              <li key={`${question.code} ${question.message}`}>{question.message}</li>
            ))}
            {Object.keys(guessed).length > 0 ? (
              <li>Some columns are filled in by what their cells look like. Check them before you import.</li>
            ) : null}
          </ul>
        </Callout>
      ) : null}
      <FormFailure failure={failure} />
      <Card title="What is in the file?">
        {/* without scripts the kind is chosen by loading the page for it */}
        <Form method="get" className="flex flex-wrap items-end gap-3">
          {params.get("change") ? <input type="hidden" name="change" value="1" /> : null}
          <SelectField
            label="Kind"
            name="kind"
            value={startKind}
            onChange={(event) =>
              submit(event.currentTarget.form, { replace: true, preventScrollReset: true })
            }
            hint={kindHelp[startKind]}
            className="w-full max-w-md"
          >
            {uploadKinds.map((kind) => (
              <option key={kind} value={kind}>
                {kindLabels[kind]}
              </option>
            ))}
          </SelectField>
          <noscript>
            <Button type="submit">Choose</Button>
          </noscript>
        </Form>
      </Card>
      <Form method="post" className="grid grid-cols-1 gap-5" key={startKind}>
        <input type="hidden" name="kind" value={startKind} />
        <QuestionFields questions={upload.questions} />
        <Card
          title="What does each column mean?"
          subtitle={`${needed === 1 ? "1 is" : `${needed} are`} needed, the rest may stay as it is`}
          flush
        >
          <MappingChecklist kind={startKind} mapping={mapping} gaps={gaps} />
          <MappingTable
            kind={startKind}
            header={header}
            rows={rows}
            mapping={mapping}
            guessed={guessed}
            onChange={(column, target) =>
              setChanged((now) => ({
                kind: startKind,
                mapping: { ...(now.kind === startKind ? now.mapping : {}), [column]: target },
              }))
            }
          />
        </Card>
        <ReadingOptions upload={upload} currency={currency} mapped={mapping} kind={startKind} />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" name="intent" value="import" variant="primary" size="xl" pending={pending}>
            Import as {kindInSentence(startKind)}
          </Button>
          <p role="status" className="text-sm text-ink-2">
            {ready
              ? "Rows that cannot be read are listed and left out; good rows are imported."
              : gaps.missing.length > 0
                ? `Still needed: ${gaps.missing.join(", ")}.`
                : `Given twice: ${gaps.twice.join(", ")}. Keep one column each.`}
          </p>
        </div>
      </Form>
    </div>
  );
}
