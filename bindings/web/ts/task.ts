// Coalescing: many reasons, one piece of work in the next task. Message channels are not throttled in pages that are
// not visible, as timers are.

/** Runs its callback once in the next task, however often it was asked to. */
export interface Coalescer {
  schedule(): void;
  close(): void;
}

export type MakeCoalescer = (run: () => void) => Coalescer;

export const nextTask: MakeCoalescer = (run) => {
  const channel = new MessageChannel();
  let asked = false;
  channel.port1.onmessage = () => {
    if (!asked) return;
    asked = false;
    run();
  };
  return {
    schedule() {
      if (asked) return;
      asked = true;
      channel.port2.postMessage(null);
    },
    close() {
      asked = false;
      channel.port1.onmessage = null;
      channel.port1.close();
    },
  };
};
