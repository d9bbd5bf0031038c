import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instanceOrgId } from "#db/database.ts";
import { createMail, findMail } from "#db/queries/mail.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { parseEnv } from "#root/env.ts";
import { createLogger } from "#root/log.ts";
import type { JobRun } from "../task.ts";
import { createSendMail, type Deliver } from "./send-mail.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const log = createLogger("test");
const job = (isLast = false): JobRun => ({
  id: "1",
  attempt: 1,
  isLast,
  signal: new AbortController().signal,
  log,
  requireLease: async () => {},
});
const content = { recipient: "ada@x.example", subject: "Hello", html: "<p>Hi</p>", body: "Hi", userId: null };
const write = (orgId = t.orgA, values: Partial<Parameters<typeof createMail>[1]> = {}) =>
  t.app.withOrg(orgId, (tx) => createMail(tx, { ...content, ...values }));
const read = async (mailId: string, orgId = t.orgA) =>
  (await t.app.withOrg(orgId, (tx) => findMail(tx, mailId)))!;
const sender = (deliver: Deliver | null, values: Record<string, string> = {}) =>
  createSendMail({ db: t.worker, env: parseEnv(values), log }, deliver);
const failing =
  (properties: object): Deliver =>
  () =>
    Promise.reject(Object.assign(new Error("the server said no"), properties));

describe("a mail", () => {
  test("stays in the outbox when there is no mail server", async () => {
    const mailId = await write();
    await sender(null)({ orgId: t.orgA, mailId }, job());
    expect(await read(mailId)).toMatchObject({ status: "outbox", body: "Hi", error: null });
  });

  test("reaches a mail server, with text, HTML and a Message-ID of its own", async () => {
    const got: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData: (stream, _session, done) => {
        text(stream).then((mail) => {
          got.push(mail);
          done();
        }, done);
      },
    });
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
    const { port } = server.server.address() as AddressInfo;
    const values = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "Jarvis360 <no-reply@jarvis.example>" };
    const mailId = await write(t.orgA, { subject: "Für Ada: ✓ done" });
    const send = createSendMail({ db: t.worker, env: parseEnv(values), log });
    await send({ orgId: t.orgA, mailId }, job());
    // a job may run twice
    await send({ orgId: t.orgA, mailId }, job());
    await new Promise<void>((done) => server.close(done));
    expect(got).toHaveLength(1);
    expect(got[0]).toContain(`Message-ID: <${mailId}@jarvis.example>`);
    expect(got[0]).toContain("From: Jarvis360 <no-reply@jarvis.example>");
    expect(got[0]).toContain("text/html");
    expect(await read(mailId)).toMatchObject({ status: "sent", html: "<p>Hi</p>", sentAt: expect.any(Date) });
  });

  test("that let somebody in loses its text once it is delivered", async () => {
    const mailId = await write(instanceOrgId, { userId: t.orgA });
    await sender(async () => {})({ orgId: instanceOrgId, mailId }, job());
    expect(await read(mailId, instanceOrgId)).toMatchObject({
      status: "sent",
      html: "",
      body: "",
      subject: "Hello",
    });
  });

  test("is tried again while the server is away, and has failed when the attempts are used up", async () => {
    const mailId = await write();
    const send = sender(failing({ code: "ECONNREFUSED", command: "CONN" }));
    await expect(send({ orgId: t.orgA, mailId }, job())).rejects.toThrow();
    expect(await read(mailId)).toMatchObject({ status: "queued", error: "the server said no" });
    await send({ orgId: t.orgA, mailId }, job(true));
    expect(await read(mailId)).toMatchObject({ status: "failed" });
  });

  test("that is refused for good is not tried again", async () => {
    const mailId = await write();
    await sender(failing({ responseCode: 550, command: "RCPT TO" }))({ orgId: t.orgA, mailId }, job());
    expect(await read(mailId)).toMatchObject({ status: "failed" });
  });

  test("cut off after its text was handed over is not sent again: nobody knows whether it arrived", async () => {
    const mailId = await write();
    await sender(failing({ code: "ESOCKET", command: "DATA" }))({ orgId: t.orgA, mailId }, job());
    expect(await read(mailId)).toMatchObject({ status: "unknown" });
  });

  test("whose worker was killed while it sent is marked unknown by the next run, and not sent again", async () => {
    const mailId = await write();
    let sent = 0;
    const dying: Deliver = () => {
      sent++;
      return new Promise(() => {});
    };
    void sender(dying)({ orgId: t.orgA, mailId }, job());
    await expect.poll(() => sent).toBe(1);
    await sender(async () => {
      sent++;
    })({ orgId: t.orgA, mailId }, job());
    expect(sent).toBe(1);
    expect(await read(mailId)).toMatchObject({ status: "unknown" });
  });
});
