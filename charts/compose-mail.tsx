import { renderToStaticMarkup } from "react-dom/server";
import { MailLayout } from "./mail-layout.tsx";

/** A mail ready to be written down: subject, plain text and HTML say the same. */
export interface Message {
  subject: string;
  body: string;
  html: string;
}

interface MailContent {
  subject: string;
  heading: string;
  paragraphs: string[];
  /** What others wrote, each with its place. */
  items?: { title: string; text: string; href: string }[];
  action?: { label: string; href: string };
  small: string;
}

/** Text and HTML of a mail that a request or a job sends. */
export function composeMail({
  subject,
  heading,
  paragraphs,
  items = [],
  action,
  small,
}: MailContent): Message {
  const html = `<!doctype html>${renderToStaticMarkup(
    <MailLayout heading={heading} small={small} {...(action ? { action } : {})}>
      {paragraphs.map((text) => (
        <p key={text} style={{ margin: "0 0 12px" }}>
          {text}
        </p>
      ))}
      {items.map(({ title, text, href }) => (
        <div key={href} style={{ margin: "0 0 16px", borderLeft: "3px solid #e4e4ea", paddingLeft: 12 }}>
          <p style={{ margin: "0 0 4px", fontSize: 13 }}>
            <a href={href} style={{ color: "#4f46e5" }}>
              {title}
            </a>
          </p>
          <p style={{ margin: 0, whiteSpace: "pre-line" }}>{text}</p>
        </div>
      ))}
    </MailLayout>,
  )}`;
  const body = [
    heading,
    ...paragraphs,
    ...items.map(({ title, text, href }) => `${title}\n${text}\n${href}`),
    ...(action ? [`${action.label}:\n${action.href}`] : []),
    small,
  ].join("\n\n");
  return { subject: oneLine(subject), body, html };
}

/** Names come from people: no line break of theirs may begin a header of its own. */
const oneLine = (value: string) => value.replace(/\p{Cc}+/gu, " ").slice(0, 250);
