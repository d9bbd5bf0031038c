import { CircleAlert, CircleCheck, X } from "lucide-react";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { IconButton } from "./button.tsx";

export interface ToastInput {
  message: ReactNode;
  tone?: "positive" | "negative";
  action?: { label: string; run: () => void };
}

interface Toast extends ToastInput {
  id: number;
}

const ToastContext = createContext<((toast: ToastInput) => void) | null>(null);
const lifetime = 6_000;

/** Says shortly that something was done; it waits while the pointer or focus is on it. Failures stay until dismissed. */
export function useToast(): (toast: ToastInput) => void {
  const show = useContext(ToastContext);
  if (!show) throw new Error("useToast needs a ToastProvider above it");
  return show;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const last = useRef(0);
  const show = useCallback((toast: ToastInput) => {
    last.current += 1;
    const id = last.current;
    setToasts((shown) => [...shown.slice(-2), { ...toast, id }]);
  }, []);
  const dismiss = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  const region = useMemo(
    () => (
      <section
        aria-label="Notices"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-end gap-2 max-md:bottom-20"
      >
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} dismiss={dismiss} />
        ))}
      </section>
    ),
    [toasts, dismiss],
  );
  return (
    <ToastContext.Provider value={show}>
      {children}
      {region}
    </ToastContext.Provider>
  );
}

function ToastCard({ toast, dismiss }: { toast: Toast; dismiss: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  const stays = held || toast.tone === "negative";

  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(() => dismiss(toast.id), lifetime);
    return () => clearTimeout(timer);
  }, [stays, toast.id, dismiss]);

  const Icon = toast.tone === "negative" ? CircleAlert : CircleCheck;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: resting on a notice keeps it; nothing is done by it
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex w-full max-w-sm items-center gap-3 rounded-xl border border-line bg-overlay py-2 pr-2 pl-4 text-sm shadow-pop animate-rise"
    >
      <Icon
        aria-hidden="true"
        className={`size-4 shrink-0 ${toast.tone === "negative" ? "text-negative" : "text-positive"}`}
      />
      <div className="min-w-0 flex-1 wrap-anywhere">{toast.message}</div>
      {toast.action ? (
        <button
          type="button"
          className="rounded-md px-2 py-1 font-medium text-accent hover:bg-hover"
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </button>
      ) : null}
      <IconButton label="Dismiss" size="sm" onClick={() => dismiss(toast.id)}>
        <X className="size-3.5" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
