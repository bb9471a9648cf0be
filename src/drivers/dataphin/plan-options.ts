// Options of this driver's plans: of the window and of the way.
import { wayOptionWords } from "./planning/options.ts";
import { windowOptionWords } from "./window.ts";

export const optionWords: Readonly<Record<string, string>> = { ...windowOptionWords, ...wayOptionWords };
