import { ConnectorError } from "../connector.ts";
import type { Answer, Client } from "./client.ts";
import type { StripeStream } from "./streams.ts";

type Pairs = [name: string, value: string][];

/**
 * Asks with all that the stream wants put in. A key that may not see what is put in (a coupon) is refused the whole answer: then it
 * is asked with less, and so from then on.
 * @param before 'data.' of a list
 */
export async function askExpanded(
  client: Client,
  { name, expand }: Pick<StripeStream, "name" | "expand">,
  before: "data." | "",
  ask: (expand: Pairs) => Promise<Answer>,
): Promise<Answer> {
  const levels = [expand, expand.filter((path) => !path.endsWith(".coupon")), []].filter(
    (level, index, all) => index === 0 || level.length < all[index - 1]!.length,
  );
  let first: unknown = null;
  for (let at = client.expandedLess.get(name) ?? 0; ; at++) {
    try {
      const answer = await ask(levels[at]!.map((path) => ["expand[]", `${before}${path}`]));
      if (at > 0) client.expandedLess.set(name, at);
      return answer;
    } catch (error) {
      first ??= error;
      if (!mayBeLess(error) || at + 1 >= levels.length) throw first;
    }
  }
}

const mayBeLess = (error: unknown): boolean =>
  error instanceof ConnectorError && (error.fault === "forbidden" || error.fault === "unexpected");
