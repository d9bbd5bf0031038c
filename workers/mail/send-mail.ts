import nodemailer from "nodemailer";
import { claimMail, findMail, type Mail, settleMail } from "#db/queries/mail.ts";
import type { Env } from "#root/env.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Hands a mail to the mail server; resolves when it has taken responsibility for it. */
export type Deliver = (mail: Mail) => Promise<void>;

/**
 * Sends one mail, or leaves it in the outbox when no mail server is set. At most once: a mail that was being handed
 * over when its worker died may or may not have arrived; it is marked `unknown`, shown, and not sent again.
 * @param deliver for tests; by default what SMTP_URL says
 */
export const createSendMail =
  (
    { db, env }: Pick<WorkerDeps, "db" | "env" | "log">,
    deliver: Deliver | null = smtp(env),
  ): Task<"sendMail"> =>
  async ({ orgId, mailId }, job) => {
    const mail = await db.withOrg(orgId, async (tx) => {
      const claimed = await claimMail(tx, mailId);
      if (claimed) return claimed;
      const other = await findMail(tx, mailId);
      if (other?.status === "sending")
        await settleMail(tx, mailId, {
          status: "unknown",
          error: "The worker stopped while this was being sent. It may have arrived.",
        });
      return null;
    });
    if (!mail) return;
    if (!deliver) {
      job.log.info({ mailId }, "no SMTP_URL: the mail stays in the outbox");
      return db.withOrg(orgId, (tx) => settleMail(tx, mailId, { status: "outbox", error: null }));
    }
    try {
      await deliver(mail);
    } catch (error) {
      const final = job.isLast || isPermanent(error);
      const status = mayHaveArrived(error) ? "unknown" : final ? "failed" : "queued";
      await db.withOrg(orgId, (tx) => settleMail(tx, mailId, { status, error: describe(error) }));
      if (status === "queued") throw error;
      job.log.warn({ mailId, status, err: error }, "mail not sent");
      return;
    }
    await db.withOrg(orgId, (tx) => settleMail(tx, mailId, { status: "sent", error: null }));
  };

function smtp(env: Env): Deliver | null {
  if (!env.SMTP_URL) return null;
  const transport = nodemailer.createTransport(env.SMTP_URL, {
    from: env.MAIL_FROM,
    // nothing in a mail is read from disk or fetched from the network
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s>]+)/.exec(env.MAIL_FROM)?.[1] ?? "localhost";
  return async (mail) => {
    await transport.sendMail({
      to: mail.recipient,
      subject: mail.subject,
      text: mail.body,
      html: mail.html,
      messageId: `<${mail.id}@${domain}>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
  };
}

const property = (error: unknown, name: string): unknown =>
  error instanceof Error ? Object.getOwnPropertyDescriptor(error, name)?.value : undefined;

/** The server said no for good (5xx), or the address cannot be used. */
function isPermanent(error: unknown): boolean {
  const code = property(error, "responseCode");
  return (typeof code === "number" && code >= 500) || property(error, "code") === "EENVELOPE";
}

/** Cut off after the text was handed over, before the answer: nobody can say whether it was taken. */
function mayHaveArrived(error: unknown): boolean {
  const cut = ["ECONNECTION", "ETIMEDOUT", "ESOCKET"].includes(String(property(error, "code")));
  return cut && property(error, "command") === "DATA" && property(error, "responseCode") === undefined;
}

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500);
