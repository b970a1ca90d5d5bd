/** What a server in this process must never do, whoever asks it what. */
import { Unfit } from '../target.ts';

/** `said` holds the operator's sentences; one about an error of ours is a bug. */
export function watchProcess(said: string[]): { check: () => void; stop: () => void } {
  const thrown: string[] = [];
  const take = (error: unknown): void => {
    thrown.push(
      error instanceof Error ? (error.stack ?? error.message) : 'something that is no error',
    );
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
  return {
    check: () => {
      const [error] = thrown.splice(0);
      if (error !== undefined) throw new Unfit(error);
      const sentence = said
        .splice(0)
        .find((each) => /an error in the gateway|a request failed/.test(each));
      if (sentence !== undefined) throw new Unfit(sentence);
    },
    stop: () => {
      process.off('uncaughtException', take);
      process.off('unhandledRejection', take);
    },
  };
}
