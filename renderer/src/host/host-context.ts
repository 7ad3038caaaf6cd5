import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { assert } from '../../../contracts/assert.ts';
import type { HostClient, HostState, HostStore } from './host-store.ts';

export type Host = { readonly client: HostClient; readonly store: HostStore };

export const HostContext = createContext<Host | null>(null);

/** The core host: methods to call. */
export function useHost(): Host {
  const host = useContext(HostContext);
  assert(host !== null, 'no HostContext around this component');
  return host;
}

/** A part of what the core host told. */
export function useHostState<T>(select: (state: HostState) => T): T {
  return useStore(useHost().store, select);
}
