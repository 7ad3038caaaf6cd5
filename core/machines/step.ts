/**
 * What a machine answers to an event: its next state, and what is to be done, as data. A machine is total: an event that
 * does not fit the state changes nothing. Whoever performs the effects does so in order, the journal append first.
 */
export type Step<State, Effect> = { readonly state: State; readonly effects: readonly Effect[] };

export const stay = <State>(state: State): Step<State, never> => ({ state, effects: [] });

export const go = <State, Effect>(state: State, ...effects: readonly Effect[]): Step<State, Effect> => ({
  state,
  effects,
});
