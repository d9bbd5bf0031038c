import { Form, Link, useNavigation } from "@remix-run/react";
import { ArrowRight, RotateCcw } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import type { UploadOutput } from "#contracts/uploads.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { UndoDialog } from "./undo-dialog.tsx";
import { kindInSentence } from "./words.ts";

/** How an upload ended, and what to do next. */
export function Outcome({ upload, mayImport }: { upload: UploadOutput; mayImport: boolean }) {
  const { rows, status, error } = upload;
  const imported = formatCounted(rows.imported, "row");
  switch (status) {
    case "done":
      if (rows.imported === 0)
        return (
          <Callout
            tone="warning"
            title="No row could be imported"
            actions={
              <ButtonLink to="/sources#upload" variant="primary">
                Upload a corrected file
              </ButtonLink>
            }
          >
            {formatCounted(rows.rejected, "row")} could not be read; they are listed below with the reason.
          </Callout>
        );
      return (
        <Callout
          tone="positive"
          title={`${imported} imported${upload.kind ? ` as ${kindInSentence(upload.kind)}` : ""}`}
          actions={
            <>
              <ButtonLink
                to={upload.kind === "customers" ? "/customers" : "/"}
                variant="primary"
                prefetch="intent"
              >
                {upload.kind === "customers" ? "See the customers" : "See the dashboard"}
                <ArrowRight aria-hidden="true" className="size-4" />
              </ButtonLink>
              {mayImport ? <UndoDialog upload={upload} /> : null}
            </>
          }
        >
          {rows.rejected > 0
            ? `${formatCounted(rows.rejected, "row")} not read and left out: listed below with the reason.`
            : "Every row was read."}
        </Callout>
      );
    case "failed":
      return (
        <Callout
          tone="negative"
          title={error?.message ?? "The import failed"}
          actions={
            <>
              {mayImport && upload.columns.length > 0 ? (
                <ButtonLink to="?change=1" variant="primary">
                  Choose the columns again
                </ButtonLink>
              ) : null}
              <ButtonLink to="/sources#upload">Upload another file</ButtonLink>
            </>
          }
        >
          {error?.line ? `It stopped at line ${error.line}. ` : ""}
          Nothing of this file was imported.
        </Callout>
      );
    case "cancelled":
      return (
        <Callout
          title="The import was cancelled"
          actions={mayImport ? <ImportAgain upload={upload} /> : null}
        >
          Nothing of this file was imported.
        </Callout>
      );
    case "undone":
      return (
        <Callout title="The import was undone" actions={mayImport ? <ImportAgain upload={upload} /> : null}>
          Nothing of this file counts any more. It can be imported again as it was, or with other columns.{" "}
          <Link to="/restatements" className="link" prefetch="intent">
            See which closed months it moved
          </Link>
        </Callout>
      );
    case "previewed":
      return (
        <Callout
          title={`Tried out: ${formatCounted(rows.read - rows.rejected, "row")} would be imported, ${formatCounted(rows.rejected, "row")} rejected`}
          actions={mayImport ? <ImportAgain upload={upload} label="Import it" /> : null}
        >
          Nothing was changed yet.
        </Callout>
      );
    default:
      return (
        <Callout title="Still at work">
          <Link className="link" to=".">
            Show the progress
          </Link>
        </Callout>
      );
  }
}

const ImportAgain = ({ upload, label = "Import again" }: { upload: UploadOutput; label?: string }) => {
  const pending = useNavigation().formMethod === "POST";
  return (
    <>
      {upload.kind ? (
        <Form method="post">
          <Button
            type="submit"
            name="intent"
            value="again"
            variant="primary"
            pending={pending}
            icon={<RotateCcw aria-hidden="true" className="size-4" />}
          >
            {label}
          </Button>
        </Form>
      ) : null}
      {upload.columns.length > 0 ? <ButtonLink to="?change=1">Choose the columns</ButtonLink> : null}
    </>
  );
};
