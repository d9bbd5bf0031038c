import type { Person } from "#contracts/mentions.ts";
import { Avatar } from "../../components/avatar.tsx";
import { cx } from "../../components/class-names.ts";

/** Who can be named, under the text while one types: nothing clips it there. Focus stays in the text. */
export const MentionList = ({
  id,
  people,
  active,
  onPick,
}: {
  id: string;
  people: readonly Person[];
  active: number;
  onPick: (person: Person) => void;
}) => (
  <div
    id={id}
    role="listbox"
    aria-label="People to mention"
    className="mt-1 max-h-52 overflow-y-auto rounded-lg border border-line bg-overlay p-1"
  >
    {people.map((person, index) => (
      // biome-ignore lint/a11y/useFocusableInteractive: the text field names the active one
      <div
        key={person.email}
        id={`${id}-${index}`}
        role="option"
        aria-selected={index === active}
        // before the field loses focus
        onPointerDown={(event) => {
          event.preventDefault();
          onPick(person);
        }}
        className={cx(
          "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm",
          index === active && "bg-hover",
        )}
      >
        <Avatar name={person.name || person.email} id={person.email} size="sm" />
        <span className="min-w-0">
          <span className="block truncate">{person.name || person.email}</span>
          {person.name ? <span className="block truncate text-xs text-ink-3">{person.email}</span> : null}
        </span>
      </div>
    ))}
  </div>
);
