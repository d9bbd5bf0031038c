import { tracked } from "@trpc/server";
import { feedInput } from "#contracts/feed.ts";
import { orgProcedure, router } from "../trpc.ts";
import type { FeedHub } from "./hub.ts";

/**
 * What a socket at /trpc may call: this and nothing else. Questions and changes go over HTTP, where each passes the gate for
 * forged requests and is counted.
 */
export const createLiveRouter = (hub: FeedHub) =>
  router({
    /** What changes in the organisation in view. Every message carries an id: one without would make the client forget its place. */
    feed: orgProcedure("data.read")
      .input(feedInput)
      .subscription(async function* ({ ctx, input, signal }) {
        const after = input.lastEventId ? Number(input.lastEventId) : null;
        const ended = signal ?? new AbortController().signal;
        for await (const { upTo, message } of hub.listen(ctx.org.id, after, ended))
          yield tracked(String(upTo), message);
      }),
  });

/** What the browser's socket client is typed by. @public */
export type LiveRouter = ReturnType<typeof createLiveRouter>;
