/** Tells on standard output what a test went through: numbers that its name does not say. */
export const report = (words: string): void => void process.stdout.write(`${words}\n`);
