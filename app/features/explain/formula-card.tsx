import { Link } from "@remix-run/react";
import { formatMetric } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import type { MetricName } from "#contracts/analytics.ts";
import type { ExplainOutput, ExplainPartOutput } from "#contracts/explain.ts";
import { formulaTokens } from "#metrics/formula-words.ts";
import { Card } from "../../components/card.tsx";
import { besideLink } from "./explain-request.ts";

/** The formula with its numbers; each that has an explanation of its own leads there. */
export function FormulaCard({ answer, search }: { answer: ExplainOutput; search: URLSearchParams }) {
  const { formula, unit, currency, rate, value } = answer;
  const result =
    formula.yields === "rate" ? formatMetric(rate, "rate", currency) : formatMetric(value, unit, currency);
  const inner = formula.parts.filter(({ of }) => of.length > 0);
  return (
    <Card title="Formula" subtitle={formula.text}>
      <p className="sr-only">{formula.expression}</p>
      <Terms
        template={formula.template}
        parts={formula.parts}
        result={result}
        answer={answer}
        search={search}
      />
      {formula.bridge ? (
        <div className="mt-4 border-t border-line pt-3">
          <h3 className="mb-1.5 text-sm text-ink-2">How it came about</h3>
          <p className="sr-only">{formula.bridge.expression}</p>
          <Terms
            template={formula.bridge.template}
            parts={formula.bridge.parts}
            result={result}
            answer={answer}
            search={search}
          />
        </div>
      ) : null}
      {inner.map((part) => (
        <div key={part.name} className="mt-4 border-t border-line pt-3 text-sm">
          <h3 className="mb-1.5 text-ink-2">{capital(part.label)}</h3>
          <ul className="flex flex-wrap gap-x-6 gap-y-1.5">
            {part.of.map((one) => (
              <li key={one.label} className="flex items-baseline gap-2">
                <span className="text-ink-3">
                  {one.opens ? formatPeriod(one.opens.period) : capital(one.label)}
                </span>
                <Opened opens={one.opens} search={search}>
                  {formatMetric(one.value, one.unit, currency)}
                </Opened>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Card>
  );
}

/** Arithmetic as it is written: numbers over their names, signs between them, and what comes out. */
function Terms({
  template,
  parts: given,
  result,
  answer,
  search,
}: {
  template: string;
  parts: readonly ExplainPartOutput[];
  result: string;
  answer: ExplainOutput;
  search: URLSearchParams;
}) {
  const parts = new Map(given.map((part) => [part.name, part]));
  return (
    <div className="flex flex-wrap items-start gap-x-2 gap-y-3" data-formula={template}>
      {formulaTokens(template).map((token, index) =>
        typeof token === "string" ? (
          <Operator key={index}>{token}</Operator>
        ) : (
          <PartNumber key={index} part={parts.get(token.part)} currency={answer.currency} search={search} />
        ),
      )}
      <span className="flex gap-x-2">
        <Operator>=</Operator>
        <span className="tabular text-xl leading-8 font-semibold">{result}</span>
      </span>
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const Operator = ({ children }: { children: string }) => (
  <span aria-hidden="true" className="text-xl leading-8 whitespace-pre text-ink-3">
    {children.trim()}
  </span>
);

const PartNumber = ({
  part,
  currency,
  search,
}: {
  part: ExplainPartOutput | undefined;
  currency: string;
  search: URLSearchParams;
}) =>
  part ? (
    <span
      className="grid max-w-44 gap-0.5"
      data-part={part.name}
      data-value={part.value === null ? "" : String(part.value)}
    >
      <span className="tabular text-xl leading-8 font-medium">
        <Opened opens={part.opens} search={search}>
          {formatMetric(part.value, part.unit, currency)}
        </Opened>
      </span>
      <span className="text-xs text-ink-3">{part.label}</span>
    </span>
  ) : null;

const Opened = ({
  opens,
  search,
  children,
}: {
  opens: ExplainPartOutput["opens"];
  search: URLSearchParams;
  children: string;
}) =>
  opens ? (
    <Link
      to={besideLink(search, { metric: opens.metric as MetricName, period: opens.period })}
      prefetch="intent"
      className="tabular rounded-sm underline decoration-line-control decoration-dotted underline-offset-4 hover:decoration-solid"
    >
      {children}
      <span className="sr-only">, explain</span>
    </Link>
  ) : (
    <span className="tabular">{children}</span>
  );
