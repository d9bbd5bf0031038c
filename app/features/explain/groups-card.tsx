import { formatCount, formatMoney } from "#charts/format.ts";
import { cssPalette } from "#charts/palette.ts";
import type { ExplainOutput } from "#contracts/explain.ts";
import { Card } from "../../components/card.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { groupName } from "./explain-words.ts";

/** All movements, not only this page's, by kind: how many, what they changed, what of it counts. */
export function GroupsCard({ answer }: { answer: ExplainOutput }) {
  const { groups, currency } = answer;
  const money = (amount: string | null, signed = false) =>
    formatMoney(amount, currency, { style: "cents", signed });
  const counts = groups.some(({ counted }) => counted !== null);
  return (
    <Card title="By kind" flush>
      <Table label="Movements by kind">
        <thead>
          <tr>
            <Th>Kind</Th>
            <Th numeric>Movements</Th>
            <Th numeric>Change</Th>
            <Th numeric>Counts</Th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={`${group.part} ${group.kind}`}>
              <Td className="whitespace-nowrap">
                <span
                  aria-hidden="true"
                  className="mr-2 inline-block size-2.5 rounded-[3px]"
                  style={{ background: colorOf(group.kind) }}
                />
                {groupName(group)}
              </Td>
              <Td numeric>{formatCount(group.rows)}</Td>
              <Td numeric className="text-ink-2">
                {money(group.amount, true)}
              </Td>
              <Td numeric className="font-medium">
                {counts ? money(group.counted) : formatCount(group.counted_customers)}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

const colorOf = (kind: string | null): string =>
  cssPalette.movements[kind as keyof typeof cssPalette.movements] ?? "var(--line-strong)";
