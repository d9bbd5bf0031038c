/** In the place of a segment's id: nobody is left out. */
export const everyone = "everyone";
/** As many as one chart shows side by side. */
export const mostCompared = 4;

/** A widget's own choice of what stands side by side, with one more or one less; undefined: none of its own, as the page. */
export function toggleCompared(chosen: readonly string[], id: string): string[] | undefined {
  const isOn = chosen.includes(id);
  if (!isOn && chosen.length >= mostCompared) return [...chosen];
  const next = isOn ? chosen.filter((one) => one !== id) : [...chosen, id];
  // the first segment is compared with something
  if (!isOn && next.length === 1 && id !== everyone) return [everyone, id];
  return next.length === 0 || (isOn && next.length === 1 && next[0] === everyone) ? undefined : next;
}
