import { ListPlus, Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import type { FilterOption } from "../dashboard/filter-options.ts";
import { ConditionRow } from "./condition-row.tsx";
import {
  type DraftGroup,
  type DraftNode,
  deepestGroup,
  isComplete,
  isGroup,
  withNode,
} from "./expression-draft.ts";

interface BuilderProps {
  draft: DraftGroup;
  options: readonly FilterOption[];
  currency: string;
  /** What is missing is said from the first attempt to save on. */
  isChecked: boolean;
  onChange: (draft: DraftGroup) => void;
}

/** Rows of conditions in groups of "all of" and "any of". */
export function ExpressionBuilder({ draft, options, currency, isChecked, onChange }: BuilderProps) {
  const made = useRef(0);
  const [newest, setNewest] = useState<string | null>(null);
  const change = (id: string, to: (node: DraftNode) => DraftNode | null) => onChange(withNode(draft, id, to));
  const newRow = (): DraftNode => {
    made.current += 1;
    const id = `new-${made.current}`;
    setNewest(id);
    return { id, key: (options[0]?.key ?? "plan") as "plan", op: "is", values: [] };
  };
  const add = (group: string, child: DraftNode) =>
    change(group, (node) => (isGroup(node) ? { ...node, children: [...node.children, child] } : node));

  const renderGroup = (group: DraftGroup, depth: number, before: string) => (
    <fieldset
      key={group.id}
      className={depth === 1 ? "grid gap-3" : "grid gap-3 rounded-lg border border-line bg-sunken/50 p-3"}
    >
      <legend className="sr-only">{depth === 1 ? "Conditions" : "Group of conditions"}</legend>
      <div className="flex items-center gap-2 text-sm text-ink-2">
        <span>{before}</span>
        <SelectField
          label={depth === 1 ? "All or any of the conditions" : "All or any of the group"}
          hideLabel
          className="w-28"
          value={group.join}
          onChange={(event) =>
            change(group.id, (node) =>
              isGroup(node) ? { ...node, join: event.target.value === "any" ? "any" : "all" } : node,
            )
          }
        >
          <option value="all">all of</option>
          <option value="any">any of</option>
        </SelectField>
        <span className="flex-1">these:</span>
        {depth > 1 ? (
          <IconButton label="Remove this group" onClick={() => change(group.id, () => null)}>
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        ) : null}
      </div>
      {group.children.map((child) =>
        isGroup(child) ? (
          renderGroup(child, depth + 1, group.join === "all" ? "and" : "or")
        ) : (
          <ConditionRow
            key={child.id}
            row={child}
            options={options}
            currency={currency}
            isMissing={isChecked && !isComplete(child)}
            autoFocus={child.id === newest}
            onChange={(row) => change(child.id, () => row)}
            onRemove={() => change(child.id, () => null)}
          />
        ),
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Plus aria-hidden="true" className="size-3.5" />}
          onClick={() => add(group.id, newRow())}
        >
          Add condition
        </Button>
        {depth < deepestGroup ? (
          <Button
            size="sm"
            variant="ghost"
            icon={<ListPlus aria-hidden="true" className="size-3.5" />}
            onClick={() => {
              const row = newRow();
              add(group.id, {
                id: `${row.id}-group`,
                join: group.join === "all" ? "any" : "all",
                children: [row],
              });
            }}
          >
            Add group
          </Button>
        ) : null}
      </div>
    </fieldset>
  );
  return renderGroup(draft, 1, "Matches");
}
