import { useRef } from 'preact/hooks';
import type { DestinationSummary } from '../../contract.ts';
import { routeTo } from '../foundation/route.ts';
import { useKeys } from '../foundation/keys.ts';
import { StateTag } from './state-tag.tsx';

interface Props {
  readonly all: readonly DestinationSummary[];
  readonly chosen: string | undefined;
}

export function DestinationList({ all, chosen }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const move = (by: number) => (): boolean => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    const next =
      links[
        at === -1
          ? Math.max(
              0,
              all.findIndex(({ id }) => id === chosen),
            )
          : at + by
      ];
    next?.focus();
    return next !== undefined;
  };
  useKeys({ j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1) });
  return (
    <ul ref={list} class="destination-list">
      {all.map(({ id, state, problem }) => (
        <li key={id}>
          <a href={routeTo('destinations', ...id.split('/'))} aria-current={id === chosen ? 'true' : undefined}>
            <b>{id}</b>
            <StateTag state={state} />
            {problem !== undefined && <span class="destination-problem">{problem}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}
