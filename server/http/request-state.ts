import type { ServerResponse } from "node:http";
import type { Logger } from "#root/log.ts";
import type { Context } from "../trpc.ts";

/** What the server knows about a request while it answers it. */
export interface RequestState {
  id: string;
  log: Logger;
  /** The origin that it came to. */
  origin: string;
  cspNonce: string;
  /** Made at most once per request; rejects when the database is away. */
  context: (() => Promise<Context>) | null;
}

const states = new WeakMap<ServerResponse, RequestState>();

export function keepState(res: ServerResponse, state: RequestState): void {
  states.set(res, state);
}

export function stateOf(res: ServerResponse): RequestState {
  const state = states.get(res);
  if (!state) throw new Error("a request without state: observeRequests must run first");
  return state;
}

/** Who asks and what they may reach: the context of every procedure that this request calls. */
export function contextOf(res: ServerResponse): Promise<Context> {
  const { context } = stateOf(res);
  if (!context) throw new Error("a request without context: attachContext must run first");
  return context();
}
