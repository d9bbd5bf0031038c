import { useNavigate, useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useToast } from "../../components/toast.tsx";
import { sendFile } from "./upload-file.ts";

export interface Sending {
  key: number;
  name: string;
  sent: number;
  total: number;
  /** Set when the server or the line refused it. */
  refused: string | null;
}

/** Sends files one after the other. A single file leads to its page; of several, the list shows each. */
export function useUploads() {
  const [sending, setSending] = useState<Sending[]>([]);
  const keys = useRef(0);
  const aborts = useRef(new Map<number, AbortController>());
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const toast = useToast();

  useEffect(() => {
    const running = aborts.current;
    return () => {
      for (const abort of running.values()) abort.abort();
    };
  }, []);

  const change = useCallback((key: number, patch: Partial<Sending>) => {
    setSending((list) => list.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  }, []);

  const drop = useCallback((key: number) => {
    aborts.current.get(key)?.abort();
    aborts.current.delete(key);
    setSending((list) => list.filter((one) => one.key !== key));
  }, []);

  const send = useCallback(
    async (files: readonly File[]) => {
      const queue = files.map((file) => {
        keys.current += 1;
        aborts.current.set(keys.current, new AbortController());
        return { file, key: keys.current };
      });
      setSending((list) => [
        ...list.filter((one) => one.refused === null),
        ...queue.map(({ file, key }) => ({ key, name: file.name, sent: 0, total: file.size, refused: null })),
      ]);
      for (const { file, key } of queue) {
        const abort = aborts.current.get(key);
        if (!abort) continue;
        try {
          const { id, duplicate } = await sendFile(file, {
            signal: abort.signal,
            onProgress: (sent, total) => change(key, { sent, total }),
          });
          drop(key);
          if (duplicate) toast({ message: `${file.name} is here already. Nothing was imported twice.` });
          if (queue.length === 1) navigate(`/uploads/${id}`);
          else revalidate();
        } catch (error) {
          if (abort.signal.aborted) continue;
          change(key, { refused: error instanceof Error ? error.message : "The file was not taken." });
        }
      }
    },
    [change, drop, navigate, revalidate, toast],
  );

  return { sending, send, drop };
}
