import { anchorPlaceText, anchorTitle } from "#charts/comment-words.ts";
import { anchorKey } from "#contracts/comment-anchors.ts";
import { runCommentAction } from "./comment-action.ts";
import type { CommentStore, SeenAnchor } from "./comment-store.ts";
import { Composer } from "./composer.tsx";
import { PanelFrame } from "./panel-frame.tsx";

/** Where a thread begins: beside the number that it will be about. */
export function NewThread({ store, anchor }: { store: CommentStore; anchor: SeenAnchor }) {
  const { place, label, shown } = anchor;
  const where = [anchorPlaceText(place, label), shown].filter(Boolean).join(" · ");
  return (
    <PanelFrame store={store} target={store.opener} title={anchorTitle(place, label)} subtitle={where}>
      <div className="pt-3">
        <Composer
          draftOf={`${store.dashboardId ?? "cohorts"} ${anchorKey(place)}`}
          label="Comment"
          placeholder="What is there to say about this? @ names somebody"
          submitLabel="Comment"
          fields={{}}
          action="/inbox"
          focus
          onSend={async (text) => {
            const { threadId } = await runCommentAction({ intent: "create", anchor, text });
            store.open({ kind: "thread", id: threadId }, store.opener);
            await store.refresh();
          }}
        />
      </div>
    </PanelFrame>
  );
}
