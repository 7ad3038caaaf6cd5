/** What the page with the fake core host offers to tests: to cut the line to it and to mend it. */
interface Window {
  fake: { cut(): void; mend(): void };
}
