import { type Encoder, jsonEncoder } from "@trpc/server/adapters/ws";
import { AppError } from "#root/errors.ts";
import { parseJson, requireHarmlessJson } from "../http/json-body.ts";

/** Subscriptions that one connection may have open at once. */
const mostSubscriptions = 20;
const mostPerBatch = 20;
/** A full bucket, and what flows into it: a page subscribes once and then answers pings. */
const burst = 60;
const perSecond = 5;

interface SocketLimits {
  /** Counts a message, pings included; to be called before anything else hears it. */
  charge(): void;
  /** Reads each message of the connection before tRPC does, and sees each that is sent. */
  encoder: Encoder;
}

/**
 * What one connection may send: harmless JSON in small batches, not too often, with few subscriptions.
 * @param refuse ends the connection: it went beyond what a page of ours does
 */
export function createSocketLimits(refuse: (why: "rate" | "subscriptions") => void): SocketLimits {
  const open = new Set<unknown>();
  let tokens = burst;
  let filledAt = performance.now();

  function charge(): void {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    tokens -= 1;
    if (tokens < 0) refuse("rate");
  }

  function count(message: unknown): void {
    if (typeof message !== "object" || message === null || !("id" in message)) return;
    const { id } = message;
    const method = "method" in message ? message.method : null;
    if (method === "subscription.stop") open.delete(id);
    if (method !== "subscription") return;
    open.add(id);
    if (open.size <= mostSubscriptions) return;
    refuse("subscriptions");
    throw new AppError("RATE_LIMITED", `At most ${mostSubscriptions} subscriptions on one connection.`);
  }

  return {
    charge,
    encoder: {
      decode(data) {
        if (tokens < 0) throw new AppError("RATE_LIMITED", "Too many messages on one connection.");
        if (typeof data !== "string") throw new AppError("BAD_REQUEST", "Send text.");
        requireHarmlessJson(data);
        const parsed = parseJson(data);
        const messages = Array.isArray(parsed) ? parsed : [parsed];
        if (messages.length > mostPerBatch)
          throw new AppError("BAD_REQUEST", `At most ${mostPerBatch} messages at once.`);
        for (const message of messages) count(message);
        return parsed;
      },
      encode(message) {
        if (isEnd(message)) open.delete(message.id);
        return jsonEncoder.encode(message);
      },
    },
  };
}

/** An error, or the word that a subscription has stopped: its place is free. */
function isEnd(message: unknown): message is { id: unknown } {
  if (typeof message !== "object" || message === null || !("id" in message)) return false;
  if ("error" in message) return true;
  const result = "result" in message ? message.result : null;
  return typeof result === "object" && result !== null && "type" in result && result.type === "stopped";
}
