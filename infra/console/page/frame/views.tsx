import type { ComponentType } from 'preact';
import { DestinationsView } from '../destinations/destinations-view.tsx';
import { FlowView } from '../flow/flow-view.tsx';
import type { View, ViewProps } from '../foundation/route.ts';
import { LettersView } from '../letters/letters-view.tsx';
import { LiveView } from '../live/live-view.tsx';
import { ObjectView } from '../object/object-view.tsx';
import { SilencesView } from '../silences/silences-view.tsx';

export const views: Readonly<Record<View, ComponentType<ViewProps>>> = {
  live: LiveView,
  flow: FlowView,
  letters: LettersView,
  destinations: DestinationsView,
  object: ObjectView,
  silences: SilencesView,
};
