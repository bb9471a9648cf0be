// Lists come in pages. A list may change while it is read: an entry that moves to an earlier page meanwhile is not seen, so what must not be missed is read again.
import { Unreachable } from "../../../model/errors.ts";
import type { JsonObject } from "./reading.ts";

export const pageSize = 100;
/** More than any installation has; a server that always says "one more page" must not keep us for ever. */
const mostPages = 2_000;

export async function everyPage(
  action: string,
  page: (number: number) => Promise<{ readonly entries: readonly JsonObject[]; readonly total: number | null }>,
): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  for (let number = 1; number <= mostPages; number++) {
    const { entries, total } = await page(number);
    all.push(...entries);
    if (entries.length < pageSize || (total !== null && all.length >= total)) return all;
  }
  throw new Unreachable(`${action}: more than ${String(mostPages)} pages of ${String(pageSize)}`, { object: action });
}
