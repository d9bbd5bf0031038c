import { Pencil } from "lucide-react";
import { useSyncExternalStore } from "react";
import { initialsOf } from "../../components/avatar.tsx";
import type { Peer } from "./peers.ts";
import type { DashboardSession } from "./session.ts";

/** As many as fit; of more the number is said. */
const most = 5;

/** Who else is here: each person once, however many windows they have open. */
export default function PeerAvatars({ session }: { session: DashboardSession }) {
  const peers = useSyncExternalStore(session.subscribePeers, session.peers, session.peers);
  const people = new Map<string, Peer>();
  for (const peer of peers) {
    const known = people.get(peer.userId);
    people.set(peer.userId, known ? { ...known, editing: known.editing || peer.editing } : peer);
  }
  const all = [...people.values()];
  if (all.length === 0) return null;
  return (
    <ul aria-label="Also here" className="flex items-center">
      {all.slice(0, most).map(({ userId, name, color, editing }) => (
        <li
          key={userId}
          title={editing ? `${name} is editing` : name}
          className="relative -ml-1.5 grid size-7 place-items-center rounded-full border-2 border-surface text-[0.625rem] font-semibold text-white select-none first:ml-0"
          style={{ backgroundColor: color }}
        >
          <span aria-hidden="true">{initialsOf(name)}</span>
          <span className="sr-only">
            {name}
            {editing ? ", editing" : ""}
          </span>
          {editing ? (
            <span className="absolute -right-1 -bottom-1 grid size-3.5 place-items-center rounded-full border border-line bg-surface text-ink-2">
              <Pencil aria-hidden="true" className="size-2" />
            </span>
          ) : null}
        </li>
      ))}
      {all.length > most ? (
        <li className="-ml-1.5 grid h-7 min-w-7 place-items-center rounded-full border-2 border-surface bg-sunken px-1 text-2xs font-semibold text-ink-2">
          +{all.length - most}
        </li>
      ) : null}
    </ul>
  );
}
