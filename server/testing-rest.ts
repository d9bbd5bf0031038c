import type { Role } from "#contracts/permissions.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, testToken } from "./testing.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a stranger's program would, without our types
type Json = any;

export interface TestRest {
  t: TestDatabase;
  /** Where the API is, without a slash at the end. */
  url: string;
  /** Tokens: of somebody who may edit in organisation A, of one who may only read there, of the owner of B. */
  editor: string;
  viewer: string;
  theirs: string;
  /** Another token of organisation A. */
  tokenOf(role: Role): Promise<string>;
  /** @param path below /api/v1 @param token default: the editor's */
  call(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: Json }>;
  close(): Promise<void>;
}

/** A test file's own server on a database of its own, and those who talk to its REST API. Call `close` in `afterAll`. */
export async function startTestRest(values: Record<string, string> = {}): Promise<TestRest> {
  const t = await createTestDatabase();
  const web = await startTestServer(t, values);
  const tokenOf = (role: Role) => testToken(t, t.orgA, role);
  const [editor, viewer, theirs] = [
    await tokenOf("editor"),
    await tokenOf("viewer"),
    await testToken(t, t.orgB, "owner"),
  ];
  const url = `${web.url}/api/v1`;
  return {
    ...{ t, url, editor, viewer, theirs, tokenOf },
    async call(method, path, body, token = editor) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async close() {
      await web.close();
      await t.close();
    },
  };
}
