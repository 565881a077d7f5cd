import { useSay } from '../foundation/app.ts';
import { rate } from '../foundation/format.ts';
import { RATE_SECONDS } from './rates.ts';

const WIDTH = 240;
const HEIGHT = 36;

export function Sparkline({ rates }: { readonly rates: readonly number[] }) {
  const say = useSay();
  const most = Math.max(1, ...rates);
  const x = (index: number): number => WIDTH - ((rates.length - 1 - index) / (RATE_SECONDS - 1)) * WIDTH;
  const y = (value: number): number => HEIGHT - 1 - (value / most) * (HEIGHT - 3);
  const line = rates.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${say('flow.rateLabel')}: ${rate(rates.at(-1) ?? 0)}`}
    >
      {rates.length > 1 && (
        <>
          <polygon class="sparkline-area" points={`${x(0)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
          <polyline class="sparkline-line" points={line} />
        </>
      )}
    </svg>
  );
}
