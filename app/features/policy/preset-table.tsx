import { presetNames } from "#contracts/policy-names.ts";
import { ruleLabel, ruleValue } from "#contracts/policy-rules.ts";
import { defaultPolicy, policyKeys, policyPresets, presetGaps, resolvePolicy } from "#metrics/policy.ts";
import { cx } from "../../components/class-names.ts";
import { Table, Td, Th } from "../../components/table.tsx";

const presets = policyPresets.map((name) => ({ name, policy: resolvePolicy({ preset: name }) }));
const rows = policyKeys.filter((key) =>
  presets.some(({ name, policy }) => policy[key] !== defaultPolicy[key] || presetGaps[name].includes(key)),
);

/** Which preset sets what, rule by rule; what is the default is quiet. */
export const PresetTable = () => (
  <>
    <Table label="Which preset sets what">
      <thead>
        <tr>
          <Th>Rule</Th>
          {presets.map(({ name }) => (
            <Th key={name}>{presetNames[name]}</Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((key) => (
          <tr key={key}>
            <Td className="font-medium whitespace-nowrap">{ruleLabel(key)}</Td>
            {presets.map(({ name, policy }) => (
              <Td key={name} className={cx("min-w-32", policy[key] === defaultPolicy[key] && "text-ink-3")}>
                {ruleValue(key, policy[key])}
                {presetGaps[name].includes(key) ? <sup className="ml-0.5">*</sup> : null}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
    <p className="border-t border-line px-5 py-3 text-xs text-ink-3">
      * Not found in their documentation; the default is used. All other rules are the same in every preset.
    </p>
  </>
);
