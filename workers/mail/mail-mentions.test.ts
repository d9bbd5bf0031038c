import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { createUser } from "#db/queries/accounts.ts";
import { putMentions } from "#db/queries/comment-mentions.ts";
import { createReply, createThread, markRead } from "#db/queries/comments.ts";
import { addMember } from "#db/queries/members.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { createLogger } from "#root/log.ts";
import type { JobRun } from "../task.ts";
import { createMailMentions } from "./mail-mentions.ts";

let t: TestDatabase;
let ada: string;
let bob: string;
const origin = "https://jarvis.example";
const log = createLogger("test");
const job: JobRun = {
  ...{ id: "1", attempt: 1, isLast: false, log },
  signal: new AbortController().signal,
  requireLease: async () => {},
};

beforeAll(async () => {
  t = await createTestDatabase();
  const member = (orgId: string, email: string, name: string) =>
    t.app.withOrg(orgId, async (tx) => {
      const made = await createUser(tx, { email, name, passwordHash: null, verified: true });
      await addMember(tx, made!.id, "editor");
      return made!.id;
    });
  ada = await member(t.orgA, "ada@a.example", "Ada <b>Miller</b>\r\nBcc: all@x.example");
  bob = await member(t.orgA, "bob@a.example", "Bob");
  await member(t.orgB, "eve@b.example", "Eve");
});
afterAll(() => t.close());
beforeEach(() =>
  t.app.withOrg(t.orgA, async (tx) => {
    await tx.rows(sql`DELETE FROM comment_thread WHERE org_id = ${tx.orgId}`);
    await tx.rows(sql`DELETE FROM mail WHERE org_id = ${tx.orgId}`);
  }),
);

const say = (body: string, parentId?: string, authorId = ada) =>
  t.app.withOrg(t.orgA, async (tx) => {
    const made = parentId
      ? await createReply(tx, { parentId, authorId, body })
      : await createThread(tx, {
          anchor: {
            ...{ kind: "cohort_cell", dashboard_id: null, widget_id: null },
            path: { cohort: "2026-03", period: 4, basis: "first_payment", measure: "customers" },
          },
          authorId,
          body,
        });
    await putMentions(tx, { comment: made, addresses: [], origin });
    return made;
  });
const run = (userId = bob) => createMailMentions({ db: t.worker })({ orgId: t.orgA, userId, origin }, job);
const mails = (orgId = t.orgA) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows<{ recipient: string; subject: string; body: string; html: string }>(
      sql`SELECT recipient, subject, body, html FROM mail WHERE org_id = ${tx.orgId} ORDER BY id`,
    ),
  );

/** What waits in the queue for Bob's mentions; only its owner may look. */
async function jobs() {
  const queue = new pg.Client({ connectionString: t.url });
  await queue.connect();
  const { rows } = await queue.query<{ identifier: string; soon: boolean }>(
    `SELECT task_identifier AS identifier, run_at BETWEEN now() AND now() + interval '6 minutes' AS soon
     FROM graphile_worker.jobs WHERE key = $1`,
    [`mentions:${t.orgA}:${bob}`],
  );
  await queue.end();
  return rows;
}

test("thirty mentions make one job and one mail, which quotes twenty; run again it sends nothing", async () => {
  const first = await say("@Bob 1");
  for (let i = 2; i <= 30; i++) await say(`@Bob ${i}`, first.id);
  const waiting = await t.app.withOrg(t.orgA, (tx) =>
    tx.rows<{ n: number }>(sql`SELECT count(*)::int AS n FROM comment_mention WHERE org_id = ${tx.orgId}`),
  );
  expect(waiting).toEqual([{ n: 30 }]);
  expect(await jobs()).toEqual([{ identifier: "mailMentions", soon: true }]);
  await run();
  await run();
  const sent = await mails();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ recipient: "bob@a.example", subject: "30 mentions of you in Org A" });
  expect(sent[0]?.body.match(/@Bob \d+/g)).toHaveLength(20);
  expect(sent[0]?.body).toContain("See 10 more in your inbox");
  await say("@Bob again", first.id);
  await run();
  expect(await mails()).toHaveLength(2);
});

test("one mention is told with its place, its words and a link to its thread; hostile names stay text", async () => {
  const { id } = await say('<img src=x onerror="alert(1)"> @Bob');
  await run();
  const [mail] = await mails();
  expect(mail?.subject).toMatch(/^Ada <b>Miller<\/b> Bcc: all@x.example mentioned you in Org A$/);
  expect(mail?.body).toContain("March 2026, month 4 · Cohorts · by first payment");
  expect(mail?.body).toContain(`${origin}/cohorts?basis=first_payment&thread=${id}#comment-${id}`);
  expect(mail?.html).toContain("&lt;img src=x");
  expect(mail?.html).not.toContain("<img");
});

test("what was read, deleted or edited away by then is not told", async () => {
  const read = await say("@Bob one");
  await t.app.withOrg(t.orgA, (tx) => markRead(tx, { threadId: read.threadId, userId: bob }));
  const deleted = await say("@Bob two");
  await t.app.withOrg(t.orgA, (tx) =>
    tx.rows(sql`UPDATE comment SET deleted_at = now() WHERE id = ${deleted.id}`),
  );
  await run();
  expect(await mails()).toEqual([]);
});

test("neither oneself, nor people of other organisations, nor those who left are told", async () => {
  await say("@ada@a.example @eve@b.example");
  await run(ada);
  expect(await mails()).toEqual([]);
  expect(await mails(t.orgB)).toEqual([]);
  await say("@Bob stay");
  await t.app.withOrg(t.orgA, (tx) =>
    tx.rows(sql`DELETE FROM membership WHERE org_id = ${tx.orgId} AND user_id = ${bob}`),
  );
  await run();
  expect(await mails()).toEqual([]);
});
