import { useEffect, useState } from 'preact/hooks';
import type { LiveEvent } from '../../contract.ts';
import { useApp } from '../foundation/app.ts';

/** What became of an event until now, as a text to compare; told once a second at most. */
export function useMarks(event: LiveEvent): string {
  const { feed } = useApp();
  const [marks, setMarks] = useState(JSON.stringify(event.marks));
  useEffect(() => {
    const timer = setInterval(() => setMarks(JSON.stringify(feed.marksOf(event.seq) ?? event.marks)), 1000);
    return () => clearInterval(timer);
  }, [feed, event]);
  return marks;
}
