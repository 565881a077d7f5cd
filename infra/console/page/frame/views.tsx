import type { ComponentType } from 'preact';
import { FlowView } from '../flow/flow-view.tsx';
import type { View } from '../foundation/route.ts';
import { LiveView } from '../live/live-view.tsx';

export interface ViewProps {
  /** What follows the view in the address. */
  readonly names: readonly string[];
}

export const views: Readonly<Record<View, ComponentType<ViewProps>>> = {
  live: LiveView,
  flow: FlowView,
  letters: LiveView,
  destinations: LiveView,
  object: LiveView,
  silences: LiveView,
};
