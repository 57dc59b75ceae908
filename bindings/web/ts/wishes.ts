// How much of the network may be used, as the viewer and the platform say, and what it gave the last time.

import type { Limits } from '../footlight.d.ts';
import { FLAG_LOW_POWER, FLAG_SAVE_DATA } from './engine.ts';

/** A charge below this is low. */
const LOW_CHARGE = 0.15;
const KEY = 'footlight.throughput';
/** What the network gave longer ago says nothing. */
const STALE_MS = 14 * 24 * 3_600_000;
/** How often what it gives is written down. */
const NOTE_MS = 5000;

/** The Battery Status API's, where there is one. */
interface Battery extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

/** The Network Information API's, where there is one. */
interface Connection extends EventTarget {
  readonly saveData?: boolean;
}

type Platform = Navigator & { readonly connection?: Connection; getBattery?(): Promise<Battery> };

/** What is asked of the engine besides the picture's size. */
export class Wishes {
  #limits: Limits = {};
  #battery: Battery | null = null;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Listens to the platform. */
  listen(signal: AbortSignal): void {
    const platform = navigator as Platform;
    platform.connection?.addEventListener?.('change', this.#changed, { signal });
    // Refused where a policy forbids it: then nothing is known.
    platform.getBattery?.().then((battery) => {
      if (signal.aborted) return;
      this.#battery = battery;
      for (const name of ['levelchange', 'chargingchange']) battery.addEventListener(name, this.#changed, { signal });
      this.#changed();
    }, () => undefined);
  }

  get limits(): Limits {
    return this.#limits;
  }

  set limits(limits: Limits) {
    this.#limits = { ...limits };
    this.#changed();
  }

  get flags(): number {
    const { connection } = navigator as Platform;
    const battery = this.#battery;
    const isLow = battery !== null && !battery.charging && battery.level <= LOW_CHARGE;
    const saves = this.#limits.saveData ?? connection?.saveData ?? false;
    return (saves ? FLAG_SAVE_DATA : 0) | (isLow ? FLAG_LOW_POWER : 0);
  }
}

/** Bits per second that the network gave in an earlier visit; 0 when that is not known. */
export function rememberedThroughput(): number {
  try {
    const [bandwidth = 0, at = 0] = (localStorage.getItem(KEY) ?? '').split('@').map(Number);
    return Date.now() - at < STALE_MS && bandwidth > 0 ? bandwidth : 0;
  } catch {
    // No storage here: as on a first visit.
    return 0;
  }
}

/** Makes what writes down the network's throughput, now and then. */
export function noteThroughput(): (bandwidth: number) => void {
  let noted = -Infinity;
  return (bandwidth) => {
    if (!(bandwidth > 0) || Date.now() - noted < NOTE_MS) return;
    noted = Date.now();
    try {
      localStorage.setItem(KEY, `${Math.round(bandwidth)}@${noted}`);
    } catch {
      // No storage, or a full one.
    }
  };
}
