/** What y-protocols calls the frames that carry updates. */
const sync = 0;
const [step2, update] = [1, 2];

/** A WebSocket that tells of every frame with an update in it: `[0,1]` and `[0,2]`. */
export const countingSocket = (onUpdateSent: () => void): typeof WebSocket =>
  class extends WebSocket {
    override send(data: Parameters<WebSocket["send"]>[0]): void {
      super.send(data);
      if (!(data instanceof Uint8Array) || data[0] !== sync) return;
      if (data[1] === step2 || data[1] === update) onUpdateSent();
    }
  };
