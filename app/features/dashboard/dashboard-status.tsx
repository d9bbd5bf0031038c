import { Pencil } from "lucide-react";
import { Suspense } from "react";
import { Button } from "../../components/button.tsx";
import { lazyPart, StayAway } from "../../components/lazy-part.tsx";
import { DashboardSwitcher } from "../dashboards/dashboard-switcher.tsx";
import { SaveMark } from "./save-mark.tsx";
import type { Editing } from "./use-editing.ts";

const PeerAvatars = lazyPart(() => import("../editor/peer-avatars.tsx"), StayAway);

/** Beside the title: the other dashboards, and whether what one sees is stored. */
export const DashboardStatus = ({
  dashboards,
  current,
  editing,
}: {
  dashboards: readonly { id: string; title: string }[];
  current: string | null;
  editing: Editing;
}) => (
  <>
    <DashboardSwitcher dashboards={dashboards} current={current} />
    {editing.live.state?.isReady ? <SaveMark state={editing.live.state} /> : null}
  </>
);

/** On the right: who else is here, and the way into the editor. */
export const DashboardActions = ({ editing }: { editing: Editing }) => {
  const { live, mayEdit, isEditing, start, stop } = editing;
  return (
    <>
      {live.session ? (
        <Suspense fallback={null}>
          <PeerAvatars session={live.session} />
        </Suspense>
      ) : null}
      {mayEdit ? (
        <Button
          className="needs-scripts"
          aria-keyshortcuts="e"
          title={isEditing ? "Leave the editor (E)" : "Edit this dashboard (E)"}
          aria-pressed={isEditing}
          pending={isEditing && !live.state?.isReady}
          icon={<Pencil aria-hidden="true" className="size-3.5" />}
          onClick={isEditing ? stop : start}
        >
          {isEditing ? "Editing" : "Edit"}
        </Button>
      ) : null}
    </>
  );
};
