// GetServerVersion: the only way to ask for the version (facts 3.1); releases before 6.0 do not have it.
import { ApiRefused, type Api } from "../caller.ts";
import { textIn } from "../reading.ts";

/** As the server writes it: `v6.3.0.964601`. Null: the release does not tell. */
export async function getServerVersion(api: Api): Promise<string | null> {
  try {
    return textIn(await api.read("GetServerVersion", {}), "Data");
  } catch (error) {
    if (error instanceof ApiRefused && /^(InvalidAction|InvalidApi|UnknownAction|NotFound)/.test(error.word)) return null;
    throw error;
  }
}
