import { Button } from "../../components/button.tsx";

/** Says what the next click does. */
export const PickingHint = ({ onStop }: { onStop: () => void }) => (
  <div
    role="status"
    className="fixed inset-x-4 bottom-20 z-40 mx-auto flex w-max max-w-[calc(100vw-2rem)] items-center gap-3 rounded-xl border border-line bg-overlay py-2 pr-2 pl-4 text-sm shadow-pop animate-rise lg:bottom-6"
  >
    <span>Choose a number, a point or a card to comment on.</span>
    <Button size="sm" variant="ghost" onClick={onStop}>
      Stop
    </Button>
  </div>
);
