import { findMentions, type Person } from "#contracts/mentions.ts";

/** A comment as plain text; who is named in it stands out. */
export function CommentText({ text, mentions }: { text: string; mentions: readonly Person[] }) {
  const found = findMentions(text, mentions);
  return (
    <p className="text-sm whitespace-pre-line text-ink wrap-anywhere">
      {found.map(({ person, start, end }, index) => (
        <span key={start}>
          {text.slice(found[index - 1]?.end ?? 0, start)}
          <span title={person.email} className="rounded-sm bg-accent-soft px-0.5 font-medium text-accent">
            {text.slice(start, end)}
          </span>
        </span>
      ))}
      {text.slice(found.at(-1)?.end ?? 0)}
    </p>
  );
}
