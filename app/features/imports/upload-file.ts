/** What the server said of a received file; only what this page needs of it. */
export interface Received {
  id: string;
  duplicate: boolean;
}

export class UploadRefused extends Error {}

/**
 * Sends a file and tells how many bytes have left (fetch cannot). Rejects with UploadRefused in the server's words, or with an
 * AbortError after `signal`.
 */
export function sendFile(
  file: File,
  { onProgress, signal }: { onProgress: (sent: number, total: number) => void; signal: AbortSignal },
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    request.open("POST", "/api/v1/uploads");
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) =>
      onProgress(event.loaded, event.lengthComputable ? event.total : file.size);
    request.onload = () => {
      const answer: unknown = request.response;
      if (request.status < 300 && isReceipt(answer))
        resolve({ id: answer.id, duplicate: answer.duplicate === true });
      else reject(new UploadRefused(messageOf(answer) ?? wordsFor(request.status)));
    };
    request.onerror = () =>
      reject(new UploadRefused("The connection broke. Nothing was imported; choose the file again."));
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const isReceipt = (value: unknown): value is { id: string; duplicate?: boolean } =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";

function messageOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("error" in value)) return null;
  const { error } = value;
  return typeof error === "object" &&
    error !== null &&
    "message" in error &&
    typeof error.message === "string"
    ? error.message
    : null;
}

function wordsFor(status: number): string {
  if (status === 401) return "You are signed out. Sign in again, then choose the file again.";
  if (status === 403) return "Your role does not allow uploads. Ask an owner or admin.";
  if (status === 413) return "The file is larger than this server takes. Split it and upload the parts.";
  if (status === 429) return "Too many uploads at once. Wait a minute, then choose the file again.";
  return "The server did not take the file. Nothing was imported; try again in a moment.";
}
