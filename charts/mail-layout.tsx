import type { ReactNode } from "react";

const ink = "#1c1c28";
const quiet = "#5f6070";
const accent = "#4f46e5";
const font = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/** The frame of every mail: one column, no images, no remote anything; inline styles because mail programs want them. */
export function MailLayout(props: {
  heading: string;
  children: ReactNode;
  action?: { label: string; href: string };
  small: string;
}) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{props.heading}</title>
      </head>
      <body style={{ margin: 0, padding: 24, background: "#f4f4f7", color: ink, fontFamily: font }}>
        <div
          style={{
            maxWidth: 520,
            margin: "0 auto",
            background: "#ffffff",
            border: "1px solid #e4e4ea",
            borderRadius: 8,
            padding: 32,
          }}
        >
          <p style={{ margin: 0, fontSize: 14, fontWeight: 600, color: accent }}>Jarvis360</p>
          <h1 style={{ margin: "16px 0", fontSize: 20, lineHeight: 1.3 }}>{props.heading}</h1>
          <div style={{ fontSize: 15, lineHeight: 1.5 }}>{props.children}</div>
          {props.action && (
            <>
              <p style={{ margin: "24px 0" }}>
                <a
                  href={props.action.href}
                  style={{
                    display: "inline-block",
                    padding: "10px 18px",
                    borderRadius: 6,
                    background: accent,
                    color: "#ffffff",
                    fontSize: 15,
                    fontWeight: 600,
                    textDecoration: "none",
                  }}
                >
                  {props.action.label}
                </a>
              </p>
              <p style={{ margin: 0, fontSize: 13, color: quiet, wordBreak: "break-all" }}>
                {props.action.href}
              </p>
            </>
          )}
          <p style={{ margin: "24px 0 0", fontSize: 13, color: quiet }}>{props.small}</p>
        </div>
      </body>
    </html>
  );
}
