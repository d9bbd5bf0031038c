import {
  type FormEvent,
  type KeyboardEvent,
  type MouseEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { mentionText, type Person } from "#contracts/mentions.ts";
import { Button } from "../../components/button.tsx";
import { useMe } from "../../lib/me.ts";
import { useMembers } from "../../lib/use-members.ts";
import { refusalText } from "./comment-action.ts";
import { keepDraft, readDraft } from "./drafts.ts";
import { MentionList } from "./mention-list.tsx";
import { fittingPeople, type MentionQuery, mentionAt } from "./mention-search.ts";

const mostLetters = 10_000;

/**
 * Where one writes: `@` names somebody, Ctrl or Cmd with Enter sends. What is typed is kept until it was sent. Without scripts it is a
 * form that the inbox takes (`fields`).
 */
export function Composer({
  draftOf,
  label,
  placeholder,
  submitLabel,
  initial = "",
  fields,
  action,
  focus = false,
  onSend,
  onCancel,
}: {
  /** Under which name the draft is kept; null: it is not (an edit begins with the text itself). */
  draftOf: string | null;
  label: string;
  placeholder: string;
  submitLabel: string;
  initial?: string;
  /** What the form sends beside the text. */
  fields: Record<string, string>;
  action: string;
  focus?: boolean;
  onSend: (text: string) => Promise<void>;
  onCancel?: () => void;
}) {
  const id = useId();
  const { user } = useMe();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(initial);
  const [query, setQuery] = useState<MentionQuery | null>(null);
  const [active, setActive] = useState(0);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const people = useMembers(query !== null);
  const others = people.filter(({ email }) => email !== user.email);
  const fitting = query === null ? [] : fittingPeople(others, query.typed);
  const picking = fitting.length > 0;

  useEffect(() => {
    if (draftOf !== null) setText(readDraft(user.id, draftOf));
  }, [draftOf, user.id]);
  useEffect(() => {
    const target = field.current;
    if (!focus || !target) return;
    target.focus({ preventScroll: true });
    target.setSelectionRange(target.value.length, target.value.length);
  }, [focus]);
  // as high as its text
  useLayoutEffect(() => {
    const target = field.current;
    if (!target) return;
    target.style.height = "auto";
    target.style.height = `${Math.min(target.scrollHeight + 2, 200)}px`;
  }, [text]);

  const change = (next: string, caret: number) => {
    setText(next);
    if (draftOf !== null) keepDraft(user.id, draftOf, next);
    setQuery(mentionAt(next, caret));
    setActive(0);
  };
  const pick = (person: Person) => {
    const target = field.current;
    if (!query || !target) return;
    const named = `${mentionText(person, people)} `;
    const end = query.start + 1 + query.typed.length;
    const caret = query.start + named.length;
    change(`${text.slice(0, query.start)}${named}${text.slice(end)}`, caret);
    setQuery(null);
    requestAnimationFrame(() => target.setSelectionRange(caret, caret));
  };
  const send = async () => {
    if (text.trim() === "" || pending) return;
    setPending(true);
    setFailure(null);
    setQuery(null);
    try {
      await onSend(text);
      if (draftOf !== null) keepDraft(user.id, draftOf, "");
      setText("");
    } catch (error) {
      setFailure(refusalText(error));
    } finally {
      setPending(false);
    }
  };
  // as focus leaves the text the list of people goes, and what is pressed would move from under the pointer
  const stay = (event: MouseEvent) => {
    if (picking) event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return void send();
    }
    const chosen = fitting[active];
    if (!picking || !chosen) {
      if (event.key === "Escape" && onCancel) {
        event.stopPropagation();
        onCancel();
      }
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive((active + step + fitting.length) % fitting.length);
    else if (event.key === "Enter" || event.key === "Tab") pick(chosen);
    else if (event.key === "Escape") setQuery(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <form
      method="post"
      action={action}
      className="grid gap-2"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void send();
      }}
    >
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div>
        <label htmlFor={id} className="sr-only">
          {label}
        </label>
        <textarea
          ref={field}
          id={id}
          name="text"
          rows={2}
          required
          maxLength={mostLetters}
          value={text}
          placeholder={placeholder}
          aria-autocomplete="list"
          aria-controls={picking ? `${id}-people` : undefined}
          aria-activedescendant={picking ? `${id}-people-${active}` : undefined}
          aria-describedby={failure ? `${id}-failure` : undefined}
          onChange={({ target }) => change(target.value, target.selectionStart)}
          onSelect={({ currentTarget }) => {
            const { selectionStart, selectionEnd } = currentTarget;
            if (query && (selectionStart !== selectionEnd || selectionStart <= query.start)) setQuery(null);
          }}
          onBlur={() => setQuery(null)}
          onKeyDown={onKeyDown}
          className="block w-full resize-none rounded-lg border border-line-control bg-surface px-3 py-2 text-base text-ink hover:border-ink-3 sm:text-sm"
        />
        {picking ? <MentionList id={`${id}-people`} people={fitting} active={active} onPick={pick} /> : null}
        <span role="status" className="sr-only">
          {picking ? `${fitting.length} people fit. Arrow keys choose, Enter takes.` : ""}
        </span>
      </div>
      {failure ? (
        <p id={`${id}-failure`} role="alert" className="text-xs font-medium text-negative">
          {failure}
        </p>
      ) : null}
      <div className="flex items-center justify-end gap-2">
        <span className="mr-auto text-xs text-ink-3 max-sm:hidden">Ctrl Enter sends</span>
        {onCancel ? (
          <Button size="sm" variant="ghost" onMouseDown={stay} onClick={onCancel}>
            Cancel
          </Button>
        ) : null}
        <Button type="submit" size="sm" variant="primary" pending={pending} onMouseDown={stay}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
