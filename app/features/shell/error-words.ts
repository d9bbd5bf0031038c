export interface ErrorWords {
  status: number;
  title: string;
  advice: string;
  /** Whether the same address may work in a moment. */
  retry: boolean;
  requestId: string | null;
}

/** Title and advice for a status; `message` is the server's own sentence, where it has one for the reader. */
export function errorWords(status: number, message: string | null, requestId: string | null): ErrorWords {
  const base = { status, requestId, retry: false };
  switch (status) {
    case 404:
      return {
        ...base,
        title: "This page is not here",
        advice: message ?? "The address may be mistyped, or what it showed was removed.",
      };
    case 403:
      return {
        ...base,
        title: "You may not see this",
        advice: `${message ? `${message} ` : ""}Ask an owner or admin of the organisation to give you access.`,
      };
    case 429:
      return {
        ...base,
        title: "Too many requests",
        advice: message ?? "Wait a minute, then try again.",
        retry: true,
      };
    case 503:
      return {
        ...base,
        title: "Not available right now",
        advice: message ?? "The database cannot be reached. Nothing is lost; try again in a moment.",
        retry: true,
      };
    default:
      return {
        ...base,
        title: status >= 500 ? "Something went wrong on our side" : "This did not work",
        advice:
          message ?? "It has been logged. Your data is safe; try again, and if it keeps happening, tell us.",
        retry: status >= 500,
      };
  }
}
