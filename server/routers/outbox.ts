import { listInput, mailStatus, outboxOutput } from "#contracts/accounts.ts";
import { can } from "#contracts/permissions.ts";
import { encodeCursor } from "#db/cursor.ts";
import { instanceOrgId } from "#db/database.ts";
import { listMails, type Mail } from "#db/queries/mail.ts";
import { router, userProcedure } from "../trpc.ts";

const toItem = (mail: Mail) => ({
  id: mail.id,
  recipient: mail.recipient,
  subject: mail.subject,
  body: mail.body,
  html: mail.html,
  status: mailStatus.parse(mail.status),
  error: mail.error,
  personal: mail.userId !== null,
  created_at: mail.createdAt.toISOString(),
  sent_at: mail.sentAt?.toISOString() ?? null,
});

export const outboxRouter = router({
  /**
   * Mails that were, or without a mail server would have been, sent: one's own for everybody who is signed in at a
   * browser with a password, the organisation's for its admins.
   */
  list: userProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/outbox",
        tags: ["Mail"],
        summary: "Mails sent, or kept for want of a mail server",
      },
    })
    .input(listInput)
    .output(outboxOutput)
    .query(async ({ ctx, input }) => {
      const { principal } = ctx;
      const none = { items: [] as Mail[], next: null };
      const { org, userId } = principal;
      const ofOrg =
        org && can(org.role, "outbox.read")
          ? await ctx.db.withOrg(org.id, (tx) => listMails(tx, { ...input, userId: null }))
          : none;
      // links in personal mails let one in: an API token must not become a password
      const own = principal.apiTokenId
        ? none
        : await ctx.db.withOrg(instanceOrgId, (tx) => listMails(tx, { ...input, userId }));
      const all = [...ofOrg.items, ...own.items].sort((a, b) => (a.id < b.id ? 1 : -1));
      const items = all.slice(0, input.limit);
      const last = items.at(-1);
      const more = all.length > input.limit || ofOrg.next !== null || own.next !== null;
      return { items: items.map(toItem), next: more && last ? encodeCursor([last.id]) : null };
    }),
});
