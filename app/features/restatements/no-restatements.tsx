import { History } from "lucide-react";
import { ButtonLink } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";

/** Teaches what a restatement is to whoever has none yet. */
export const NoRestatements = ({ mayImport }: { mayImport: boolean }) => (
  <EmptyState
    icon={<History />}
    title="No closed month has moved"
    actions={mayImport ? <ButtonLink to="/sources#upload">Upload a file</ButtonLink> : null}
  >
    A month is closed when it is over, and its numbers should stay. When something changes them all the same
    (an import that corrects a price, an undo, a merge of two customers, another policy) it is written down
    here: which month moved, from what to what, and why. So a number that you reported can never change
    quietly.
  </EmptyState>
);
