import { Form, useNavigation } from "@remix-run/react";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { formatCounted } from "#charts/format.ts";
import type { UploadOutput } from "#contracts/uploads.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";

/** Takes an import back, after saying what that means. Without scripts the button asks nothing, for it can be repeated. */
export function UndoDialog({ upload }: { upload: UploadOutput }) {
  const [open, setOpen] = useState(false);
  const pending = useNavigation().formMethod === "POST";
  return (
    <>
      <Form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          setOpen(true);
        }}
      >
        <Button
          type="submit"
          name="intent"
          value="undo"
          icon={<Undo2 aria-hidden="true" className="size-4" />}
        >
          Undo import
        </Button>
      </Form>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={`Undo the import of ${upload.file_name}?`}
        description={`Its ${formatCounted(upload.rows.imported, "row")} no longer count, and what earlier files said of the same subscriptions counts again. The file stays here, so you can import it again.`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Form method="post" onSubmit={() => setOpen(false)}>
              <Button type="submit" variant="danger" name="intent" value="undo" pending={pending}>
                Undo import
              </Button>
            </Form>
          </>
        }
      />
    </>
  );
}
