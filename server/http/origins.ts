/** Under which names this server answers, and what that means for cookies and links. */
export interface Origins {
  /** Scheme, host and port that people use; what links in mails begin with. */
  readonly origin: string;
  readonly https: boolean;
  /** The origin that a request with this Host header came to; null: the server does not answer under that name. */
  ofHost(host: string | undefined): string | null;
}

const loopback = new Set(["localhost", "127.0.0.1"]);

/**
 * With BASE_URL: that name alone. Without: localhost and 127.0.0.1. Anything else is refused, so that no page of
 * somebody else's can be made to point here (DNS rebinding) and no link of ours to somewhere else.
 */
export function createOrigins(baseUrl: string | null, port: number): Origins {
  const base = new URL(baseUrl ?? `http://localhost:${port}`);
  const hosts = loopback.has(base.hostname)
    ? [...loopback].map((name) => new URL(`${base.protocol}//${name}:${base.port}`).host)
    : [base.host];
  const known = new Map(hosts.map((host) => [host, `${base.protocol}//${host}`]));
  return {
    origin: base.origin,
    https: base.protocol === "https:",
    ofHost: (host) => (host === undefined ? null : (known.get(host.toLowerCase()) ?? null)),
  };
}
