const SECONDS = 10;

/** Things a second, over the last ten seconds. */
export interface Rate {
  add(count: number): void;
  perSecond(): number;
}

export function createRate(now: () => number = Date.now): Rate {
  const counts = new Map<number, number>();
  const second = (): number => Math.floor(now() / 1000);
  return {
    add(count) {
      counts.set(second(), (counts.get(second()) ?? 0) + count);
      forget();
    },
    perSecond() {
      forget();
      return [...counts.values()].reduce((sum, count) => sum + count, 0) / SECONDS;
    },
  };

  function forget(): void {
    for (const each of counts.keys()) if (each <= second() - SECONDS) counts.delete(each);
  }
}
