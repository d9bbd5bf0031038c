/** Plain text whose own web addresses can be followed; everything else stays text. */
export function LinkedText({ text, baseUrl }: { text: string; baseUrl: string }) {
  const parts = text.split(/(https?:\/\/[^\s<>"]+)/);
  return (
    <p className="text-sm break-words whitespace-pre-wrap text-ink-2">
      {parts.map((part, index) =>
        part === baseUrl || part.startsWith(`${baseUrl}/`) ? (
          <a key={index} href={part} className="link">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </p>
  );
}
