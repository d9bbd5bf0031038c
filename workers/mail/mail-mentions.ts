import { anchorPlaceText, anchorTitle } from "#charts/comment-words.ts";
import { composeMail } from "#charts/compose-mail.tsx";
import { placeOf, threadLink } from "#contracts/comment-anchors.ts";
import { takeMentions, type WaitingMention } from "#db/queries/comment-mentions.ts";
import { createMail } from "#db/queries/mail.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** As many as a mail quotes; the inbox has the rest. */
const mostItems = 20;
const quoteLength = 500;

/**
 * Tells somebody in one mail what they were named in and have not read since. Taking the mentions up, writing the mail and its
 * sending commit together: run twice, the second finds nothing.
 */
export const createMailMentions =
  ({ db }: Pick<WorkerDeps, "db">): Task<"mailMentions"> =>
  ({ orgId, userId, origin }, job) =>
    db.withOrg(orgId, async (tx) => {
      await job.requireLease(tx);
      const found = await takeMentions(tx, userId);
      const [first] = found?.mentions ?? [];
      if (!found || !first) return;
      const { to, mentions } = found;
      const count = mentions.length;
      const who = first.author ?? "Somebody";
      const rest = count - mostItems;
      await createMail(tx, {
        recipient: to.email,
        userId: null,
        ...composeMail({
          subject:
            count === 1
              ? `${who} mentioned you in ${to.organisation}`
              : `${count} mentions of you in ${to.organisation}`,
          heading: count === 1 ? `${who} mentioned you` : `You were mentioned ${count} times`,
          paragraphs: [],
          items: mentions.slice(0, mostItems).map((mention) => itemOf(mention, origin)),
          action: {
            label: rest > 0 ? `See ${rest} more in your inbox` : "Open your inbox",
            href: `${origin}/inbox`,
          },
          small: `You get this because you are a member of ${to.organisation}. Mentions of a few minutes come in one mail; what you have read by then is left out.`,
        }),
      });
    });

function itemOf({ author, body, label, ...rest }: WaitingMention, origin: string) {
  const place = placeOf(rest);
  const on = [anchorTitle(place, label), anchorPlaceText(place, label), rest.dashboard_title].filter(Boolean);
  const letters = [...body];
  return {
    title: `${author ?? "Somebody"} on ${on.join(" · ")}`,
    text: letters.length > quoteLength ? `${letters.slice(0, quoteLength).join("")}…` : body,
    href: `${origin}${threadLink(place, rest.thread_id)}#comment-${rest.comment_id}`,
  };
}
