import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { TRPCError } from "@trpc/server";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { failureIn } from "./failure.ts";
import { failureOf, guarded, signInPath, submitted } from "./guard.server.ts";

const refusal = (code: TRPCError["code"], message: string, reason?: string) =>
  new TRPCError({ code, message, cause: Object.assign(new Error(message), { extra: { reason } }) });

const argsOf = (path: string, init?: RequestInit) => {
  const log = { error: vi.fn() };
  const args = {
    request: new Request(`http://localhost${path}`, init),
    params: {},
    context: { requestId: "request-1", log, signedIn: null },
  };
  return { args: args as unknown as LoaderFunctionArgs & ActionFunctionArgs, log };
};

const caught = async (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => null,
    (error: unknown) => error,
  );

test("a refused call keeps its status, words and reason", () => {
  expect(failureOf(refusal("FORBIDDEN", "Your role (viewer) does not allow this.", "role"))).toMatchObject({
    status: 403,
    message: "Your role (viewer) does not allow this.",
    reason: "role",
  });
});

test("values that cannot be used are told field by field, as sentences", () => {
  const parsed = z
    .object({ email: z.email("is not an e-mail address"), name: z.string().min(1, "Type a name.") })
    .safeParse({ email: "x", name: "" });
  const failure = failureOf(new TRPCError({ code: "BAD_REQUEST", message: "[…]", cause: parsed.error }));
  expect(failure?.fields).toEqual({ email: "This is not an e-mail address.", name: "Type a name." });
  expect(failure?.message).not.toContain("[");
});

test("a fault is no refusal", () => {
  expect(failureOf(new Error("boom"))).toBeNull();
  expect(failureOf(new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "boom" }))).toBeNull();
});

/** `/dashboards/123`, a link cut off in a chat, said that some of the values could not be used. */
test("an address whose id cannot be one is not there", async () => {
  const { args } = argsOf("/dashboards/123");
  const invalid = z.object({ id: z.uuid() }).safeParse({ id: "123" }).error;
  const refused = () =>
    guarded(async () => {
      throw new TRPCError({ code: "BAD_REQUEST", message: "[…]", cause: invalid });
    });
  expect(await caught(() => refused()({ ...args, params: { id: "123" } }))).toMatchObject({
    init: { status: 404 },
    data: { requestId: "request-1" },
  });
  expect(await caught(() => refused()(args))).toMatchObject({ init: { status: 400 } });
});

test("whoever is not signed in goes to sign in, and comes back to where they were", async () => {
  const { args } = argsOf("/uploads/1?tab=errors");
  const thrown = await caught(() =>
    guarded(async () => {
      throw refusal("UNAUTHORIZED", "Sign in first.");
    })(args),
  );
  expect(thrown).toBeInstanceOf(Response);
  expect((thrown as Response).headers.get("location")).toBe("/login?next=%2Fuploads%2F1%3Ftab%3Derrors");
});

test("after a request for a page's data the way back leads to the page", () => {
  expect(signInPath(new Request("http://localhost/sources.data?after=x&_routes=routes%2F_app"))).toBe(
    "/login?next=%2Fsources%3Fafter%3Dx",
  );
  expect(signInPath(new Request("http://localhost/_root.data"))).toBe("/login");
});

test("a fault in a loader shows the request's id and nothing of its inside, and is logged", async () => {
  const { args, log } = argsOf("/sources");
  const thrown = await caught(() =>
    guarded(async () => {
      throw new Error("password=hunter2");
    })(args),
  );
  expect(JSON.stringify(thrown)).toContain("request-1");
  expect(JSON.stringify(thrown)).not.toContain("hunter2");
  expect(log.error).toHaveBeenCalledOnce();
});

test("a refused form comes back with what was typed, without secrets", async () => {
  const body = new URLSearchParams({ email: "a@b.example", password: "hunter2" });
  const { args } = argsOf("/login", { method: "POST", body });
  const answer = await submitted(async () => {
    throw refusal("UNAUTHORIZED", "This address and password do not go together.");
  }, ["email"])(args);
  const failure = failureIn(answer.data);
  expect(failure?.typed).toEqual({ email: "a@b.example" });
  expect(JSON.stringify(answer)).not.toContain("hunter2");
});

test("what a loader throws on purpose passes", async () => {
  const { args } = argsOf("/");
  const redirect = new Response(null, { status: 302 });
  expect(
    await caught(() =>
      guarded(async () => {
        throw redirect;
      })(args),
    ),
  ).toBe(redirect);
});
