import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { FeedMessage } from "#contracts/feed.ts";
import type { LiveRouter } from "#server/feed/live-router.ts";
import { retryDelay } from "./retry-delay.ts";

export interface FeedHandlers {
  onMessage(message: FeedMessage): void;
  /** `open`: messages come, and none was missed. */
  onState(state: "connecting" | "open"): void;
  /** `over`: the session has ended, nobody comes back. `changed`: another role or organisation; the feed goes on as that. */
  onRights(what: "over" | "changed"): void;
}

const closeCodes = { sessionOver: 4401, rightsChanged: 4410 };
/** A connection that has not come about by then is given up, whatever it waits for, and made anew. */
const giveUpMs = 60_000;

/**
 * One subscription over one socket. It comes back by itself, with the last message that it saw, at a moment of its own: a
 * thousand pages whose server restarts do not all come at once.
 * @param from the event up to which the page's data is whole; null: from now on
 */
export function openFeed(from: string | null, handlers: FeedHandlers): { close(): void } {
  let lastEventId = from;
  let closed = false;
  let failures = 0;
  let end = () => {};
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  function setState(state: "connecting" | "open"): void {
    handlers.onState(state);
    if (state === "connecting") watchdog ??= setTimeout(connect, giveUpMs);
    else {
      clearTimeout(watchdog);
      watchdog = undefined;
    }
  }

  function connect(): void {
    end();
    clearTimeout(watchdog);
    watchdog = undefined;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe(): void } | null = null;

    const socket = createWSClient({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/trpc`,
      retryDelayMs: retryDelay,
      keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 5_000 },
      onClose(cause) {
        if (isOver) return;
        setState("connecting");
        if (cause?.code === closeCodes.rightsChanged) handlers.onRights("changed");
        if (cause?.code !== closeCodes.sessionOver) return;
        close();
        handlers.onRights("over");
      },
    });
    const client = createTRPCClient<LiveRouter>({
      links: [wsLink({ client: socket, transformer: superjson })],
    });

    const subscribe = () => {
      subscription = client.feed.subscribe(
        { lastEventId },
        {
          onData({ id, data }) {
            lastEventId = id;
            failures = 0;
            setState("open");
            handlers.onMessage(data);
          },
          // the server ended it, not the socket: once more, later
          onError: again,
          onComplete: again,
        },
      );
    };
    const again = () => {
      if (isOver) return;
      setState("connecting");
      clearTimeout(timer);
      timer = setTimeout(subscribe, retryDelay(failures++));
    };

    end = () => {
      isOver = true;
      clearTimeout(timer);
      subscription?.unsubscribe();
      void socket.close();
    };
    setState("connecting");
    subscribe();
  }

  function close(): void {
    if (closed) return;
    closed = true;
    end();
    clearTimeout(watchdog);
  }

  connect();
  return { close };
}
