/** Takes single questions and asks them in batches. */
export type GroupCommit<Q, A> = {
  /** The answer to this question, or `full` when too many are waiting already. */
  submit(question: Q): Promise<A> | 'full';
  /** How many wait for their batch. */
  waiting(): number;
  /** Resolves once nothing waits and nothing is under way. */
  idle(): Promise<void>;
};

export type GroupCommitOptions<Q, A> = {
  /** Asks a batch in one go; the answers are in the order of the questions. */
  readonly run: (batch: readonly Q[]) => Promise<readonly PromiseSettledResult<A>[]>;
  readonly maxBatch: number;
  readonly maxWaiting: number;
  /** How many batches may be under way at once. */
  readonly lanes: number;
};

/**
 * Group commit: while a batch is under way, questions wait and become the next one. With nothing under way a question
 * goes at once, so that quiet times cost no delay and busy times share one transaction.
 */
export function groupCommit<Q, A>({
  run,
  maxBatch,
  maxWaiting,
  lanes,
}: GroupCommitOptions<Q, A>): GroupCommit<Q, A> {
  type Waiting = { readonly question: Q; answer(value: A): void; fail(error: unknown): void };
  let waiting: Waiting[] = [];
  let underWay = 0;
  let scheduled = false;
  let whenIdle: (() => void)[] = [];

  function schedule(): void {
    if (scheduled || underWay >= lanes || waiting.length === 0) return;
    scheduled = true;
    // After the events of this turn: requests that arrived together go together.
    setImmediate(() => {
      scheduled = false;
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      underWay += 1;
      void ask(batch).finally(() => {
        underWay -= 1;
        schedule();
        if (underWay === 0 && waiting.length === 0) {
          for (const resolve of whenIdle) resolve();
          whenIdle = [];
        }
      });
      schedule();
    });
  }

  async function ask(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await run(batch.map(({ question }) => question));
      for (const [index, one] of batch.entries()) {
        const answer = answers[index];
        if (answer?.status === 'fulfilled') one.answer(answer.value);
        else one.fail(answer?.reason ?? new Error('a question was left without an answer'));
      }
    } catch (error) {
      for (const one of batch) one.fail(error);
    }
  }

  return {
    submit(question) {
      if (waiting.length >= maxWaiting) return 'full';
      return new Promise<A>((answer, fail) => {
        waiting.push({ question, answer, fail });
        schedule();
      });
    },
    waiting: () => waiting.length,
    idle: () =>
      underWay === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => whenIdle.push(resolve)),
  };
}
