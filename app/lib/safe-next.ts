/**
 * Where to go after signing in: only a path of this site. Anything that a browser could read as another site (`//evil`, `/\evil`,
 * `javascript:`, encoded or with control characters) falls to `/`.
 */
export function safeNext(next: string | null | undefined): string {
  if (!next?.startsWith("/") || next.length > 2_000) return "/";
  if (/^\/[/\\]/.test(next) || /[\\\p{Cc}]/u.test(next)) return "/";
  const base = "http://here.invalid";
  let url: URL;
  try {
    url = new URL(next, base);
    if (/^\/[/\\]/.test(decodeURIComponent(url.pathname))) return "/";
  } catch {
    return "/";
  }
  return url.origin === base ? `${url.pathname}${url.search}${url.hash}` : "/";
}
