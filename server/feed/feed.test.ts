import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createBus } from "#db/bus.ts";
import { postgresWay } from "#db/bus-postgres.ts";
import { createDatabase } from "#db/database.ts";
import { recordEvent } from "#db/queries/events.ts";
import { deleteSession } from "#db/queries/sessions.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import {
  startTestServer,
  type TestServer,
  testCaller,
  testMember,
  testSession,
  testToken,
} from "../testing.ts";
import { endsInTime } from "../testing-revocation.ts";
import type { Principal } from "../trpc.ts";
import { openTestFeed, type TestFeed } from "./testing.ts";

let t: TestDatabase;
let server: TestServer;
let viewerA: Principal;
let bearerA: Record<string, string>;
let bearerB: Record<string, string>;
const feeds: TestFeed[] = [];
/** A busy machine may take its time. */
const patient = { timeout: 15_000 };

beforeAll(async () => {
  t = await createTestDatabase();
  server = await startTestServer(t);
  viewerA = await testMember(t, t.orgA, "viewer");
  bearerA = { authorization: `Bearer ${await testToken(t, t.orgA, "viewer")}` };
  bearerB = { authorization: `Bearer ${await testToken(t, t.orgB, "viewer")}` };
});
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.socket.terminate();
});
afterAll(async () => {
  await server.close();
  await t.close();
});

async function open(headers: Record<string, string>, query = ""): Promise<TestFeed> {
  const feed = await openTestFeed(server.url, headers, query);
  feeds.push(feed);
  return feed;
}
const cookieOf = async (principal: Principal) => ({
  cookie: `session=${(await testSession(t, principal)).secret}`,
  origin: server.url,
});
const record = (orgId: string, id: string) =>
  t.app.withOrg(orgId, (tx) => recordEvent(tx, { topic: "annotations", keys: { id } }));
const event = (id: string) => ({ topic: "annotations", keys: { id } });

describe("the live feed", () => {
  test("says at once from where on it tells, then what each commit changed, and nothing of another organisation", async () => {
    const [a, b] = [await open(bearerA), await open(bearerB)];
    a.subscribe();
    b.subscribe();
    const start = await a.nextMessage();
    expect(start.message).toEqual({ type: "events", events: [] });
    await b.nextMessage();
    await record(t.orgB, "of B");
    await record(t.orgA, "1");
    expect(await a.nextMessage()).toEqual({
      id: String(Number(start.id) + 1),
      message: { type: "events", events: [event("1")] },
    });
    expect((await b.nextMessage()).message).toEqual({ type: "events", events: [event("of B")] });
  });

  test("tells a changed annotation, segment and number by the same way that the product writes them", async () => {
    const feed = await open(bearerA);
    feed.subscribe();
    await feed.nextMessage();
    const editor = testCaller(t, await testMember(t, t.orgA, "editor"));
    const { id } = await editor.annotations.create({ day: "2026-01-05", title: "Launch" });
    expect((await feed.nextMessage()).message).toEqual({ type: "events", events: [event(id)] });
    await t.worker.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${t.orgA}`),
    );
    expect((await feed.nextMessage()).message).toMatchObject({ events: [{ topic: "metrics" }] });
  });

  test("resumes after the last message that was seen: what happened meanwhile comes first, once and in order", async () => {
    const first = await open(bearerA);
    first.subscribe();
    const { id } = await first.nextMessage();
    first.socket.terminate();
    await first.closed;
    for (const name of ["missed 1", "missed 2"]) await record(t.orgA, name);
    const second = await open(bearerA);
    second.subscribe({ lastEventId: id });
    expect(await second.nextMessage()).toEqual({
      id: String(Number(id) + 2),
      message: { type: "events", events: [event("missed 1"), event("missed 2")] },
    });
    await record(t.orgA, "live");
    expect((await second.nextMessage()).message).toEqual({ type: "events", events: [event("live")] });
  });

  test("loses nothing that commits while a page subscribes, whatever the order", async () => {
    const feed = await open(bearerA);
    feed.subscribe();
    const { id } = await feed.nextMessage();
    const names = Array.from({ length: 30 }, (_, place) => `busy ${place}`);
    const writing = (async () => {
      for (const name of names) await record(t.orgA, name);
    })();
    const late = await open(bearerA);
    late.subscribe({ lastEventId: id });
    for (const reader of [feed, late]) {
      const seen: unknown[] = [];
      while (seen.length < names.length) {
        const { message } = await reader.nextMessage();
        if (message.type === "events") seen.push(...message.events.map(({ keys }) => keys.id));
      }
      expect(seen).toEqual(names);
    }
    await writing;
  });

  test("says reset to whoever was away for more than is kept, or comes with a number of another database", async () => {
    const org = await createTestOrganisation(t.app, "Busy");
    const bearer = { authorization: `Bearer ${await testToken(t, org, "viewer")}` };
    await t.app.withOrg(org, (tx) =>
      tx.rows(
        sql`INSERT INTO org_event (org_id, topic) SELECT ${org}::uuid, 'metrics' FROM generate_series(1, 300)`,
      ),
    );
    const [away, stranger] = [await open(bearer), await open(bearer)];
    away.subscribe({ lastEventId: "1" });
    stranger.subscribe({ lastEventId: "999999" });
    for (const feed of [away, stranger])
      expect(await feed.nextMessage()).toEqual({ id: "300", message: { type: "reset" } });
    await record(org, "after");
    expect(await away.nextMessage()).toMatchObject({ id: "301", message: { type: "events" } });
  });

  test("asks pages to spread out where many listen, and none to wait where few do", async () => {
    const org = await createTestOrganisation(t.app, "Crowded");
    const bearer = { authorization: `Bearer ${await testToken(t, org, "viewer")}` };
    const crowd = await Promise.all(Array.from({ length: 30 }, () => open(bearer)));
    for (const feed of crowd) {
      feed.subscribe();
      await feed.nextMessage();
    }
    await record(org, "1");
    for (const feed of crowd) expect((await feed.nextMessage()).message.spread).toBe(100);
  });

  test("security row 26: a doorbell that was lost is made up for when messages may have been lost", async () => {
    const gaps: (() => void)[] = [];
    const onGap = (fn: () => void) => {
      gaps.push(fn);
      return () => {};
    };
    const deaf = { ...t.app, bus: { ...t.app.bus, subscribe: () => () => {}, onGap } };
    const own = await startTestServer({ app: deaf });
    const feed = await openTestFeed(own.url, bearerA);
    feed.subscribe();
    await feed.nextMessage();
    await record(t.orgA, "unheard");
    for (const gap of gaps) gap();
    expect((await feed.nextMessage()).message).toEqual({ type: "events", events: [event("unheard")] });
    await own.close();
  });
});

test("a page at one web process hears what was committed at another, and its session's end there", async () => {
  const processes = [0, 1].map(() => {
    const bus = createBus({ ways: [postgresWay({ url: t.url })] });
    return { bus, db: createDatabase({ url: t.url, role: "jarvis_app", max: 3, bus }) };
  });
  const [here, there] = processes;
  if (!here || !there) throw new Error("no processes");
  const own = await startTestServer({ app: here.db });
  const person = await testMember(t, t.orgA, "admin");
  const { secret, sessionId } = await testSession(t, person);
  const feed = await openTestFeed(own.url, { cookie: `session=${secret}`, origin: own.url });
  feed.subscribe();
  await feed.nextMessage();
  await there.db.withOrg(t.orgA, (tx) => recordEvent(tx, { topic: "annotations", keys: { id: "there" } }));
  expect((await feed.nextMessage()).message).toEqual({ type: "events", events: [event("there")] });
  const end = () => there.db.withInstance((tx) => deleteSession(tx, sessionId));
  expect(await endsInTime(end, feed.closed)).toBe(4401);
  const told = async () => (await fetch(`${own.url}/metrics`)).text();
  await expect.poll(told, patient).toContain("jarvis_feed_connections 0");
  await own.close();
  for (const { bus, db } of processes) {
    await bus.close();
    await db.close();
  }
});

describe("a connection to the feed", () => {
  test("security row 68: is refused without credentials, from foreign pages and without an origin, before it is accepted", async () => {
    const cookie = await cookieOf(viewerA);
    const statusOf = (headers: Record<string, string>) =>
      open(headers).then(
        () => "101",
        (error: Error) => error.message,
      );
    expect(await statusOf(cookie)).toBe("101");
    for (const origin of ["https://evil.example", "null", `${server.url}0`, "http://a.localhost"])
      expect(await statusOf({ ...cookie, origin }), origin).toBe("403");
    expect(await statusOf({ cookie: cookie.cookie })).toBe("403");
    expect(await statusOf({ origin: server.url })).toBe("401");
    expect(await statusOf({ ...bearerA, origin: "https://evil.example" })).toBe("403");
    expect(await statusOf({ authorization: "Bearer jv_nothing" })).toBe("401");
  });

  test("security row 69: survives bad connectionParams, an id of null and what is no JSON, and answers with an error", async () => {
    await expect(open(bearerA, "?connectionParams=1")).rejects.toThrow("400");
    const feed = await open(bearerA);
    for (const bad of [
      "{",
      "[[[[",
      `${"[".repeat(500)}${"]".repeat(500)}`,
      JSON.stringify({ id: null, method: "subscription", params: { path: "feed" } }),
      JSON.stringify({ id: 1, method: "nonsense" }),
      JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ id, method: "subscription.stop" }))),
      '{"id":2,"method":"subscription","params":{"path":"feed","input":{"json":{"__proto__":1}}}}',
    ]) {
      feed.send(bad);
      expect((await feed.next()).error, bad.slice(0, 40)).toBeDefined();
    }
    feed.subscribe({ id: 7 });
    expect((await feed.nextMessage()).message.type).toBe("events");
  });

  test("calls nothing but the feed: no question, no change", async () => {
    const feed = await open(bearerA);
    feed.send({ id: 1, method: "query", params: { path: "account.me", input: { json: null } } });
    expect((await feed.next()).error?.json.data.code).toBe("NOT_FOUND");
    feed.send({ id: 2, method: "mutation", params: { path: "annotations.create", input: { json: {} } } });
    expect((await feed.next()).error?.json.data.code).toBe("NOT_FOUND");
  });

  test("refuses an input that is not one", async () => {
    const feed = await open(bearerA);
    for (const lastEventId of ["-1", "1e9", "x".repeat(100)]) {
      feed.subscribe({ lastEventId });
      expect((await feed.next()).error?.json.data.code).toBe("BAD_REQUEST");
    }
  });

  test("security row 66: is closed with too many subscriptions, messages or pings, or too large a frame", async () => {
    const [many, often, large] = [await open(bearerA), await open(bearerA), await open(bearerA)];
    const pings = await open(bearerA);
    for (let round = 0; round < 1_000; round++) pings.socket.ping();
    expect(await pings.closed).toBe(4429);
    for (let id = 1; id <= 25; id++) many.subscribe({ id });
    expect(await many.closed).toBe(4429);
    for (let round = 0; round < 200; round++) often.send("PING");
    expect(await often.closed).toBe(4429);
    large.send("x".repeat(70_000));
    expect(await large.closed).toBe(1009);
  });

  test("security row 66: counts against its organisation and its person, and gives its place back", async () => {
    const own = await startTestServer(t, {
      LIMITS: JSON.stringify({ feedsPerOrganisation: 2, feedsPerPerson: 1 }),
    });
    const first = await openTestFeed(own.url, bearerA);
    await expect(openTestFeed(own.url, bearerA)).rejects.toThrow("429");
    const other = { cookie: (await cookieOf(viewerA)).cookie, origin: own.url };
    const second = await openTestFeed(own.url, other);
    const third = { cookie: (await cookieOf(await testMember(t, t.orgA, "editor"))).cookie, origin: own.url };
    await expect(openTestFeed(own.url, third)).rejects.toThrow("429");
    first.socket.terminate();
    await expect
      .poll(
        () =>
          openTestFeed(own.url, third).then(
            () => "open",
            () => "full",
          ),
        patient,
      )
      .toBe("open");
    second.socket.terminate();
    await own.close();
  });

  test("security row 58: ends with 4401 when its session ends, elsewhere too", async () => {
    const person = await testMember(t, t.orgA, "commenter");
    const { secret, sessionId } = await testSession(t, person);
    const feed = await open({ cookie: `session=${secret}`, origin: server.url });
    const elsewhere = await open(await cookieOf(viewerA));
    const revoke = () => testCaller(t, person).sessions.revoke({ id: sessionId });
    expect(await endsInTime(revoke, feed.closed)).toBe(4401);
    elsewhere.subscribe();
    await elsewhere.nextMessage();
  });

  test("security rows 56 and 57: ends with 4410 when the role changes, with 4401 when its person or token was taken out", async () => {
    const owner = testCaller(t, await testMember(t, t.orgB, "owner"));
    const person = await testMember(t, t.orgB, "editor");
    const feed = await open(await cookieOf(person));
    const lower = () => owner.members.setRole({ email: person.email, role: "viewer" });
    expect(await endsInTime(lower, feed.closed)).toBe(4410);
    const again = await open(await cookieOf(person));
    const remove = () => owner.members.remove({ email: person.email });
    expect(await endsInTime(remove, again.closed)).toBe(4401);
    const program = await open({ authorization: `Bearer ${await testToken(t, t.orgB, "editor")}` });
    const { items } = await owner.tokens.list({});
    const deleteTokens = () =>
      Promise.all(items.filter(({ role }) => role === "editor").map(({ id }) => owner.tokens.delete({ id })));
    expect(await endsInTime(deleteTokens, program.closed)).toBe(4401);
  });

  test("security row 30: is taken away from a reader that is too slow, and what it lacked can be had again", async () => {
    const org = await createTestOrganisation(t.app, "Heavy");
    const bearer = { authorization: `Bearer ${await testToken(t, org, "viewer")}` };
    const [slow, quick] = [await open(bearer), await open(bearer)];
    for (const feed of [slow, quick]) {
      feed.subscribe();
      await feed.nextMessage();
    }
    slow.socket.pause();
    for (let round = 1; round <= 20; round++) {
      await t.app.withOrg(org, (tx) =>
        tx.rows(sql`INSERT INTO org_event (org_id, topic, keys)
          VALUES (${org}, 'annotations', jsonb_build_object('id', repeat('x', 1000000)))`),
      );
      expect((await quick.nextMessage()).id).toBe(String(round));
    }
    slow.socket.resume();
    expect([1006, 1013]).toContain(await slow.closed);
  });

  test("is told that the server restarts", async () => {
    const own = await startTestServer(t);
    const feed = await openTestFeed(own.url, bearerA);
    feed.subscribe();
    await feed.nextMessage();
    await own.close();
    expect(await feed.closed).toBe(1012);
  });
});
