import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DoubleAccount, DoubleKey } from "./keys.ts";

interface Grant {
  account: DoubleAccount;
  key: DoubleKey;
}

/** Stripe's OAuth for apps: codes and refresh tokens are good once, and a code needs the verifier of its PKCE challenge. */
export class DoubleOAuth {
  /** Whose owner agrees when a browser comes to the page. */
  account: DoubleAccount | null = null;
  /** In which mode the app was installed. */
  livemode = false;
  /** The secret key of the app's owner. */
  clientSecret = "sk_test_double_app";
  /** False: refuses `code_verifier` as a parameter that it does not know. */
  knowsPkce = true;
  /** Seconds; undefined: not said, as Stripe does not. */
  expiresIn: number | undefined = undefined;
  readonly refreshTokens = new Map<string, Grant>();
  /** So often the token endpoint is not well. */
  failures = 0;
  /** What the token endpoint was asked. */
  asked: Record<string, string>[] = [];
  /** Answers by Idempotency-Key: given again as they were. */
  readonly #given = new Map<string, { status: number; body: Record<string, unknown> }>();
  readonly #codes = new Map<string, Grant & { challenge: string | null }>();
  #made = 0;

  constructor(private readonly makeKey: (account: DoubleAccount, livemode: boolean) => DoubleKey) {}

  takes(path: string): boolean {
    return path === "/oauth/v2/authorize" || path === "/v1/oauth/token";
  }

  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://double");
    if (url.pathname === "/oauth/v2/authorize") return this.#agree(url.searchParams, response);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString("utf8")));
    this.asked.push(form);
    const key = incoming.headers["idempotency-key"];
    const before = typeof key === "string" ? this.#given.get(key) : undefined;
    const made = before ?? this.#token(form, incoming.headers.authorization);
    if (typeof key === "string") this.#given.set(key, made);
    if (before) response.setHeader("Idempotent-Replayed", "true");
    const { status, body } = made;
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }

  /** The page where a person chooses an account and agrees: here at once. */
  #agree(query: URLSearchParams, response: ServerResponse): void {
    const back = new URL(query.get("redirect_uri") ?? "http://double");
    back.searchParams.set("state", query.get("state") ?? "");
    if (this.account) {
      const code = `ac_D${++this.#made}`;
      const challenge = query.get("code_challenge");
      this.#codes.set(code, {
        account: this.account,
        key: this.makeKey(this.account, this.livemode),
        challenge,
      });
      back.searchParams.set("code", code);
    } else back.searchParams.set("error", "access_denied");
    response.writeHead(303, { Location: back.href }).end();
  }

  #token(
    form: Record<string, string>,
    authorization: string | undefined,
  ): { status: number; body: Record<string, unknown> } {
    if (this.failures > 0) {
      this.failures -= 1;
      return { status: 500, body: { error: "server_error" } };
    }
    if (authorization !== `Basic ${Buffer.from(`${this.clientSecret}:`).toString("base64")}`)
      return refused(401, "invalid_client", "No such application.");
    if (!this.knowsPkce && form.code_verifier !== undefined)
      return refused(400, "invalid_request", "Received unknown parameter: code_verifier");
    const grant = form.grant_type === "refresh_token" ? this.#takeRefresh(form) : this.#takeCode(form);
    if (!grant) return refused(400, "invalid_grant", "It does not exist, or has been used.");
    const refreshToken = `rt_D${++this.#made}`;
    this.refreshTokens.set(refreshToken, grant);
    return {
      status: 200,
      body: {
        access_token: grant.key.value,
        refresh_token: refreshToken,
        stripe_user_id: grant.account.object.id,
        livemode: grant.key.livemode,
        token_type: "bearer",
        scope: "stripe_apps",
        expires_in: this.expiresIn,
      },
    };
  }

  #takeRefresh({ refresh_token = "" }: Record<string, string>): Grant | null {
    const grant = this.refreshTokens.get(refresh_token) ?? null;
    this.refreshTokens.delete(refresh_token);
    return grant;
  }

  #takeCode({ code = "", code_verifier = "" }: Record<string, string>): Grant | null {
    const grant = this.#codes.get(code);
    if (!grant) return null;
    const hash = createHash("sha256").update(code_verifier).digest("base64url");
    if (this.knowsPkce && grant.challenge !== null && grant.challenge !== hash) return null;
    this.#codes.delete(code);
    return grant;
  }
}

const refused = (status: number, error: string, description: string) => ({
  status,
  body: { error, error_description: description },
});
