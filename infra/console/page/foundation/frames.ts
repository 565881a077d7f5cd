import { useEffect, useState } from 'preact/hooks';

/** Ten drawings a second are as many as anybody reads; one where somebody wants no movement. */
const FRAME_MS = 100;
const STILL_FRAME_MS = 1000;

/** Draws the component anew after changes: at most once per frame, however many there were. */
export function useFrames(subscribe: (listener: () => void) => () => void): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const spacing = matchMedia('(prefers-reduced-motion: reduce)').matches ? STILL_FRAME_MS : FRAME_MS;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      last = performance.now();
      redraw((n) => n + 1);
    };
    const onChange = (): void => {
      if (frame !== 0 || timer !== undefined) return;
      const wait = last + spacing - performance.now();
      if (wait <= 0) {
        frame = requestAnimationFrame(draw);
        return;
      }
      timer = setTimeout(() => {
        timer = undefined;
        frame = requestAnimationFrame(draw);
      }, wait);
    };
    const end = subscribe(onChange);
    return () => {
      end();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [subscribe]);
}
